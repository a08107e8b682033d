#!/bin/sh
# Runs a command in an ordinary container: Docker's, made of this machine's files, with no image from anywhere.
#
#     tools/container.sh [DOCKER-OPTION...] -- COMMAND...
#
# It sees /usr, the interpreter and this repository, all read-only; it has no network. Needs a running dockerd.
set -eu

options=
while [ $# -gt 0 ] && [ "$1" != -- ]; do options="$options $1"; shift; done
[ $# -gt 1 ] || { echo "usage:$(sed -n 's/^#    //p' "$0")" >&2; exit 2; }
shift

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p dev etc proc run sys tmp usr var/tmp root
chmod 1777 tmp var/tmp
for name in bin sbin lib lib64; do [ ! -L /$name ] || ln -s usr/$name $name; done
image=$(tar -c . | docker import - selfwright-container)
cd "$OLDPWD"

base=$(.venv/bin/python -c 'import sys; print(sys.base_prefix)')
for path in /usr /etc/passwd /etc/alternatives /etc/ld.so.cache "$base" "$PWD"; do
    case $path in /usr/*) ;; *) options="$options -v $path:$path:ro" ;; esac
done
# shellcheck disable=SC2086 # options are words
docker run --rm --network none -e PYTHONDONTWRITEBYTECODE=1 $options -w "$PWD" "$image" "$@"
