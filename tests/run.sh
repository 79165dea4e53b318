#!/usr/bin/env bash
# Everything that must hold before a change lands: the checks and all tests, from a clean clone.
# Installs what is missing (Debian packages through apt-get, as root or with sudo); where it
# can't, it says what is missing and fails. Nothing is skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

declare -A packages=(
  # Of one version: each needs the files that they share.
  [chromium]=chromium [chromium-headless-shell]='chromium chromium-headless-shell'
  [turnserver]=coturn [initdb]=postgresql [npm]=npm [ip]=iproute2 [ensurepip]=python3-venv
)
has() {
  case $1 in
    ensurepip) "${PYTHON:-python3}" -c 'import ensurepip' 2>/dev/null ;;
    initdb) compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null ;;
    *) PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null ;;
  esac
}
missing=()
for program in "${!packages[@]}"; do
  # shellcheck disable=SC2206 # some are two packages
  has "$program" || missing+=(${packages[$program]})
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "Installing ${missing[*]} …"
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "Missing: ${missing[*]}. Install them (apt-get install ${missing[*]}) and try again." >&2
      exit 1
    }
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

make --no-print-directory install
bash tests/checks.sh
# The browsers come last and alone: what they show happens in real time.
.venv/bin/python -m pytest -q --numprocesses 2 --dist loadfile --ignore tests/browser --durations 5
exec .venv/bin/python -m pytest -q --numprocesses 2 --dist worksteal --durations 5 tests/browser
