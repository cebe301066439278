#!/usr/bin/env bash
# sealed-backup.sh RECIPIENT FILE: a backup of a serving installation that only the holder of the recipient's key opens
# (security item 53). RECIPIENT is an age public key (age1…) whose identity lies on another machine; FILE `-` is standard
# output, so that the backup leaves this machine without lying on it:
#     scripts/sealed-backup.sh age1… - | ssh elsewhere 'cat > xueshi-$(date +%F).age'
# To open it elsewhere: `age -d -i IDENTITY FILE | tar -x`, then `xueshi restore backup`.
# Needs Debian's `age`, and the installation's settings as `xueshi backup` does. XUESHI names the program.
set -euo pipefail
[ $# -eq 2 ] || { echo "usage: sealed-backup.sh RECIPIENT FILE" >&2; exit 2; }
command -v age >/dev/null || { echo "sealed-backup: age is missing: apt-get install age" >&2; exit 1; }
recipient=$1 file=$2
umask 077
# Beside the data, which is as secret: a temporary folder may be a disk that others read.
home=$(mktemp -d "${XUESHI_DATA_DIR:-./data}.backup.XXXXXX")
trap 'rm -rf "$home"' EXIT
"${XUESHI:-xueshi}" backup "$home/backup" >&2
seal() { tar -C "$home" -c backup | age -r "$recipient"; }
if [ "$file" = - ]; then
    seal
else
    # A file of the wanted name is whole.
    seal >"$file.part"
    mv "$file.part" "$file"
fi
