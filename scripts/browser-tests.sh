#!/usr/bin/env bash
# Runs the browser tests in Debian's Chromium against target/debug/xueshi, which must be built.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -x target/debug/xueshi ] || { echo "browser tests: target/debug/xueshi is missing, see the Makefile" >&2; exit 1; }
cd stories/browser
exec npx --no-install playwright test --project=stories "$@" </dev/null
