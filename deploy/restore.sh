#!/bin/sh
# Restores a backup of deploy/backup.sh into a data folder that does not exist yet.
#
#   deploy/restore.sh <file.tar.gz> <new data folder> <file with the master key>
#
# As whoever will run the service. Afterwards start it with this DATA_DIR, and follow "Erasure and backups" in
# docs/operations.md.
set -eu
umask 077

fail() {
  echo "restore: $1" >&2
  exit 1
}

[ $# -eq 3 ] || fail 'usage: deploy/restore.sh <file.tar.gz> <new data folder> <file with the master key>'
source=$1
data=$2
key=$3
[ -f "$source" ] || fail "$source is no file"
[ -s "$key" ] || fail "$key holds no key"
[ ! -e "$data" ] || fail "$data exists already"

mkdir "$data"
trap 'rm -rf "$data"' EXIT
# PostgreSQL does not run as root, and has to pass through the folder.
if [ "$(id -u)" -eq 0 ]; then
  chmod 711 "$data"
  setpriv --reuid=65534 --regid=65534 --clear-groups sh -c 'cd "$1"' sh "$data" 2>/dev/null ||
    fail "other users may not enter $data: take a folder that they may enter"
fi
tar --numeric-owner -xpzf "$source" -C "$data"
cp "$key" "$data/master.key"
chmod 600 "$data/master.key"
sync
trap - EXIT
echo "$data is restored."
