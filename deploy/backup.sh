#!/bin/sh
# Backs up an embedded installation: the log, the vault and everything else of one moment, in one file.
#
#   deploy/backup.sh <data folder> <file.tar.gz>
#
# Stop the service first. Left out: master.key, which belongs somewhere else than the backup that it opens; Redis, whose
# content is made again; logs; and the mailbox of the sandbox.
set -eu
umask 077

fail() {
  echo "backup: $1" >&2
  exit 1
}

[ $# -eq 2 ] || fail 'usage: deploy/backup.sh <data folder> <file.tar.gz>'
data=$1
target=$2
[ -d "$data" ] || fail "$data is no folder"
[ ! -e "$target" ] || fail "$target exists already"

# Where root's PostgreSQL could not enter the data folder, its data are elsewhere.
cluster=$data
[ ! -f "$data/postgres.location" ] || cluster=$(cat "$data/postgres.location")
[ -f "$cluster/postgres/PG_VERSION" ] || fail "$data holds no embedded database"

runs() {
  pid=$(head -n 1 "$1" 2>/dev/null | cut -d ' ' -f 1)
  [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null
}
! runs "$data/lock" || fail 'the service runs; stop it first'
! runs "$cluster/postgres/postmaster.pid" || fail 'its PostgreSQL runs; stop it first'

draft="$target.part"
trap 'rm -f "$draft"' EXIT
# The log goes on under its name, also where it is restored under another port.
name=
[ ! -f "$data/audit-origin" ] || name=./audit-origin
tar --numeric-owner -czf "$draft" -C "$data" ./postgres.password $name -C "$cluster" ./postgres
tar -tzf "$draft" >/dev/null
sync
mv "$draft" "$target"
echo "$target is complete. Keep $data/master.key apart from it: without that key nothing in it can be read."
