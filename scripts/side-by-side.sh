#!/usr/bin/env bash
# side-by-side.sh QUIET COMMAND…: runs COMMAND while QUIET, which mostly waits, runs beside it with its output kept back;
# fails when either does. The browser watches a course at the speed of time, and the Rust tests need the processors.
set -uo pipefail
quiet=$1
shift
mkdir -p target
log=target/$(basename "$quiet" .sh).log
"$quiet" >"$log" 2>&1 &
pid=$!
trap 'kill "$pid" 2>/dev/null' INT TERM HUP
"$@"
loud=$?
wait "$pid"
status=$?
cat "$log"
[ "$loud" -eq 0 ] && [ "$status" -eq 0 ]
