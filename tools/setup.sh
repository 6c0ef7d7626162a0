#!/bin/bash
# Installs what lydia needs on Debian 12: the packages of tools/packages.txt (through sudo when not
# root) and the Python tools of tools/requirements.txt in .venv. Does nothing when all is there.
# An argument names a further group: nightly (its packages), bench (torch in .venv-bench).
set -euo pipefail
cd "$(dirname "$0")/.."
group=${1:-}

missing=()
while read -r package groups; do
  [[ $package == '#'* || -z $package ]] && continue
  [[ -z $groups || " $groups " == *" $group "* ]] || continue
  state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ $state == installed ]] || missing+=("$package")
done <tools/packages.txt
if ((${#missing[@]})); then
  sudo=()
  [[ $EUID -eq 0 ]] || sudo=(sudo)
  echo "setup: installing ${missing[*]}"
  "${sudo[@]}" apt-get update -qq </dev/null
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends "${missing[@]}" \
    </dev/null >/dev/null
fi

# make_venv <folder> <requirements file>: made once, filled again when the list changes.
make_venv() {
  local venv=$1 list=$2
  cmp -s "$list" "$venv/installed.txt" && return
  echo "setup: filling $venv"
  [[ -x $venv/bin/python ]] || /usr/bin/python3 -m venv "$venv"
  "$venv/bin/python" -m pip install -q --disable-pip-version-check -r "$list" </dev/null
  cp "$list" "$venv/installed.txt"
}
make_venv .venv tools/requirements.txt
if [[ $group == bench ]]; then make_venv .venv-bench tools/requirements-bench.txt; fi
