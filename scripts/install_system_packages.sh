#!/usr/bin/env bash
# Installs what pip cannot: bubblewrap (the strongest sandbox), tmux (the keeper's tests), chromium (tests of pages).
# `--with-postgresql` adds PostgreSQL. Safe to run again: it does nothing, and says so, when everything is there.
set -euo pipefail

# program -> Debian package; several names of one program are separated by "|".
wanted=("bwrap:bubblewrap" "tmux:tmux" "chromium|chromium-browser|google-chrome:chromium")
for argument in "$@"; do
  case "$argument" in
    --with-postgresql) wanted+=("pg_ctl:postgresql") ;;
    *) echo "usage: $0 [--with-postgresql]" >&2; exit 2 ;;
  esac
done

# Debian keeps PostgreSQL's server programs off the path.
PATH="$PATH:$(printf '%s:' /usr/lib/postgresql/*/bin)"

missing=()
for pair in "${wanted[@]}"; do
  found=no
  IFS='|' read -ra programs <<<"${pair%%:*}"
  for program in "${programs[@]}"; do
    if command -v "$program" >/dev/null 2>&1; then found=yes; fi
  done
  if [ "$found" = no ]; then missing+=("${pair##*:}"); fi
done

if [ "${#missing[@]}" -eq 0 ]; then
  echo "System packages: everything is there, nothing to do."
  exit 0
fi
echo "System packages: missing ${missing[*]}."

if ! command -v apt-get >/dev/null 2>&1; then
  echo "This script knows apt-get only. Install these with your system's own package manager: ${missing[*]}." >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "Neither root nor sudo. As root: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
echo "System packages: installed ${missing[*]}."
