#!/usr/bin/env bash
# records-beside-ralph.sh [SECONDS]: the Learning Record Store of a release build beside the Python LRS ralph-malph (PyPI;
# fs backend, write mode APPEND), on this machine, in one run, driven by the same program: single statements, then batches
# of 100. Prints one JSON line for each and the two ratios. Needs python3 with venv, and `make build` before.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-10}
ralph_version=5.1.0
xueshi=${XUESHI:-target/release/xueshi}
[ -x "$xueshi" ] || { echo "records-beside-ralph: $xueshi is missing: make build" >&2; exit 1; }
xueshi=$(realpath "$xueshi")

home=$(mktemp -d "${TMPDIR:-/tmp}/records-beside-ralph.XXXXXX")
pids=()
stop() {
    status=$?
    trap - EXIT
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$home"
    exit $status
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
wait_for() {
    for _ in $(seq 300); do
        (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return 0
        sleep 0.2
    done
    echo "records-beside-ralph: nothing answers on port $1" >&2
    cat "$2" >&2
    exit 1
}

# ralph, installed into a folder of its own.
python3 -m venv "$home/venv"
# Its lrs extra leaves out requests, which its API imports.
"$home/venv/bin/pip" install --quiet --disable-pip-version-check "ralph-malph[cli,lrs]==$ralph_version" requests
mkdir "$home/ralph"
"$home/venv/bin/python" - "$home/ralph/auth.json" <<'PY'
import bcrypt, json, sys
entry = {"username": "load", "hash": bcrypt.hashpw(b"load", bcrypt.gensalt(4)).decode(), "scopes": ["all"],
         "agent": {"mbox": "mailto:load@example.org"}}
json.dump([entry], open(sys.argv[1], "w"))
PY
# Its fs backend writes with CREATE unless told otherwise, and no setting tells it: then the second request is answered 500,
# because the file is there. APPEND is the mode in which it stores more than one request.
cat >"$home/ralph/serve.py" <<'PY'
import sys, uvicorn
from ralph.backends.data.base import BaseOperationType
from ralph.backends.lrs.fs import FSLRSBackend
FSLRSBackend.default_operation_type = BaseOperationType.APPEND
from ralph.api import app
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
PY
ralph_port=$(free_port)
(
    cd "$home/ralph"
    export RALPH_APP_DIR="$home/ralph" RALPH_AUTH_FILE="$home/ralph/auth.json" RALPH_RUNSERVER_AUTH_BACKENDS=basic
    export RALPH_BACKENDS__LRS__FS__DEFAULT_DIRECTORY_PATH="$home/ralph/statements"
    export RALPH_RUNSERVER_BACKEND=fs
    mkdir -p statements
    exec "$home/venv/bin/python" serve.py "$ralph_port"
) >"$home/ralph.log" 2>&1 &
pids+=($!)

# Ours, on an empty folder.
port=$(free_port)
export XUESHI_DATA_DIR=$home/xueshi XUESHI_LISTEN=127.0.0.1:$port XUESHI_PUBLIC_URL=http://127.0.0.1:$port XUESHI_LOG=error
"$xueshi" admin provider --name load --redirect-uri http://127.0.0.1:9/enter >"$home/provider.json"
"$xueshi" serve >"$home/xueshi.log" 2>&1 &
pids+=($!)
of_provider() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["xapi"][sys.argv[2]])' "$home/provider.json" "$1"; }
wait_for "$port" "$home/xueshi.log"
wait_for "$ralph_port" "$home/ralph.log"

# load NAME ENDPOINT USER PASSWORD BATCH CLIENTS
load() {
    "$xueshi" load records --url "$2" --username="$3" --password="$4" --batch "$5" --clients "$6" --seconds "$seconds" |
        python3 -c 'import json, sys; print(json.dumps({"store": sys.argv[1], **json.load(sys.stdin)}))' "$1" | tee -a "$home/seen.jsonl"
}
name=$(of_provider username) password=$(of_provider password)
for batch in 1 100; do
    load "ralph-malph $ralph_version" "http://127.0.0.1:$ralph_port/xAPI/" load load "$batch" 4
    load xueshi "http://127.0.0.1:$port/xapi/" "$name" "$password" "$batch" 64
done
python3 - "$home/seen.jsonl" <<'PY'
import json, sys
seen = [json.loads(line) for line in open(sys.argv[1])]
for theirs, ours in zip(seen[::2], seen[1::2]):
    ratio = ours["statements_a_second"] / max(theirs["statements_a_second"], 1)
    print(f'batches of {ours["batch"]}: {ours["statements_a_second"]:.0f}/s beside {theirs["statements_a_second"]:.0f}/s: {ratio:.0f} times')
PY
