#!/usr/bin/env bash
# with-postgres.sh COMMAND…: runs the command beside a private PostgreSQL 15 that listens on a unix socket only,
# names it in TEST_POSTGRES, and removes it afterwards. Its data need not outlive a power cut: fsync is off.
set -euo pipefail
[ $# -gt 0 ] || { echo "usage: with-postgres.sh COMMAND…" >&2; exit 2; }

bin=/usr/lib/postgresql/15/bin
[ -x $bin/initdb ] || { echo "with-postgres: $bin/initdb is missing: make setup" >&2; exit 1; }

# PostgreSQL refuses to run as root. The path stays short, because a socket's path may have 107 bytes.
home=$(mktemp -d /tmp/xueshi-pg.XXXXXX)
as_owner() { "$@"; }
if [ "$(id -u)" = 0 ]; then
    chown postgres: "$home"
    as_owner() { runuser -u postgres -- "$@"; }
fi

stop() {
    status=$?
    trap - EXIT
    as_owner $bin/pg_ctl stop -D "$home/data" -m immediate -w >/dev/null 2>&1 || true
    rm -rf "$home"
    exit $status
}
trap stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

cd "$home"
as_owner mkdir -m 700 socket
as_owner $bin/initdb -D "$home/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$home/initdb.log" ||
    { cat "$home/initdb.log" >&2; exit 1; }
as_owner tee -a data/postgresql.conf >/dev/null <<CONF
listen_addresses = ''
unix_socket_directories = '$home/socket'
max_connections = 300
shared_buffers = 128MB
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = on
log_min_messages = fatal
timezone = 'UTC'
CONF
as_owner $bin/pg_ctl start -D "$home/data" -l "$home/log" -w -t 60 >/dev/null || { cat "$home/log" >&2; exit 1; }
cd "$OLDPWD"

TEST_POSTGRES="postgres://postgres@${home//\//%2F}%2Fsocket/postgres"
export TEST_POSTGRES
"$@"
