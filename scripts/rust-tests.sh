#!/usr/bin/env bash
# Runs the Rust tests of the targets given, with nextest where it is installed. Called inside with-postgres.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${TEST_POSTGRES:?start this through scripts/with-postgres.sh}"
if cargo nextest --version >/dev/null 2>&1; then
    exec cargo nextest run "$@"
fi
exec cargo test --no-fail-fast "$@"
