#!/usr/bin/env bash
# One certificate, warm and on one core, by this program (signature included) and the same page drawn by reportlab and by
# weasyprint, in one run; then 10,000 into one ZIP on all cores. Wants target/release/xueshi; the Python parts go into a
# scratch environment that is removed at the end.
set -euo pipefail
cd "$(dirname "$0")/.."
program=${1:-target/release/xueshi}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet reportlab==5.1.0 weasyprint==70.0 qrcode==8.2 pillow
echo "xueshi, one core:"
taskset -c 0 "$program" document bench --count 300
echo "reportlab and weasyprint, one core, the same page, no signature:"
taskset -c 0 "$scratch/venv/bin/python" scripts/bench-certificates.py
echo "xueshi, ${COUNT:-10000} into one ZIP, all cores:"
"$program" document batch --count "${COUNT:-10000}" --out "$scratch/certificates.zip"
