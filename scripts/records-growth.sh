#!/usr/bin/env bash
# records-growth.sh [STEPS]: fills the record store of a release build with 10^4, 10^5, 10^6, 10^7 statements (STEPS of these
# sizes, 4 unless said; each in a store of its own) and asks filtered queries at each; prints one JSON line per size. The store
# grows with its people: at every size each learner has 200 statements, spread over all of it, in ten courses, so that every
# answer is a page of 20. p99 should stay where it began. The last size takes some 10 GB and 6 minutes of two small cores.
set -euo pipefail
cd "$(dirname "$0")/.."
steps=${1:-4}
xueshi=$(realpath "${XUESHI:-target/release/xueshi}")
home=$(mktemp -d "${TMPDIR:-/tmp}/records-growth.XXXXXX")
server=
stop() {
    status=$?
    trap - EXIT
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$home"
    exit $status
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
export XUESHI_LOG=error
of_provider() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["xapi"][sys.argv[2]])' "$home/provider.json" "$1"; }

# measured SIZE: one line of what was seen at this size.
measured() {
    local size=$1 port learners=$(($1 / 200))
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    export XUESHI_DATA_DIR=$home/data XUESHI_LISTEN=127.0.0.1:$port XUESHI_PUBLIC_URL=http://127.0.0.1:$port
    "$xueshi" admin provider --name load --redirect-uri http://127.0.0.1:9/enter >"$home/provider.json"
    "$xueshi" serve >"$home/log" 2>&1 &
    server=$!
    for _ in $(seq 300); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.2; done
    local to_store=(--url "http://127.0.0.1:$port/xapi/" --username="$(of_provider username)" --password="$(of_provider password)"
        --learners "$learners")
    # Fifty clients with batches of 100: each request brings a hundred statements.
    "$xueshi" load records "${to_store[@]}" --batch 100 --clients 50 --requests $((size / 5000)) --seconds 3600 >"$home/filled.json"
    "$xueshi" load records "${to_store[@]}" --queries --clients 4 --seconds 3 >"$home/warm.json"
    "$xueshi" load records "${to_store[@]}" --queries --clients 4 --seconds 20 |
        python3 -c 'import json, sys; seen = json.load(sys.stdin); print(json.dumps({"statements": int(sys.argv[1]), **{k: seen[k] for k in ("rate", "p50", "p95", "p99", "errors", "by")}, "in_an_answer": round(seen["statements"] / seen["requests"], 2)}))' "$size"
    kill "$server"
    wait "$server" || true
    server=
    rm -rf "$home/data"
}
for ((step = 0; step < steps; step++)); do measured $((10 ** (4 + step))); done
