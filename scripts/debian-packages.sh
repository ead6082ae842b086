#!/bin/sh
# Makes sure that what `make TARGET` needs from outside pip and npm is there.
# usage: scripts/debian-packages.sh setup|test
#
# On Debian and Ubuntu it installs what is missing, as root or through sudo; elsewhere it names
# what is missing in one line and stops. Nothing missing: no output, no network.
set -eu

target=$1
packages=""
names=""

# need NAME-FOR-PEOPLE "DEBIAN PACKAGES"
need() {
    names="${names:+$names, }$1"
    packages="$packages $2"
}

have() { command -v "$1" >/dev/null 2>&1; }

# Debian keeps initdb out of PATH, one folder for each version.
have_postgresql() { have initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }

python=$(sh "$(dirname "$0")/find-python.sh" || true)
if [ -z "$python" ]; then
    need "Python 3.11 or newer" "python3 python3-venv python3-dev"
else
    "$python" -c 'import ensurepip, venv' 2>/dev/null || need "Python's venv module" "python3-venv"
    "$python" -c 'import os, sysconfig as s, sys
sys.exit(not os.path.exists(os.path.join(s.get_paths()["include"], "Python.h")))' ||
        need "Python's C headers" "python3-dev"
fi
have cc || need "a C compiler" "gcc libc6-dev"

if [ "$target" = test ]; then
    have redis-server || need "redis-server" "redis-server"
    have_postgresql || need "a PostgreSQL server" "postgresql"
    have chromium || have chromium-browser || have google-chrome ||
        need "Chromium" "chromium fonts-liberation"
fi

[ -n "$packages" ] || exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    if have sudo && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
        as_root="sudo"
    else
        as_root="none"
    fi
fi
if ! have apt-get || [ "$as_root" = none ]; then
    echo "make: missing $names; install (Debian's names:$packages) and run the same command again" >&2
    exit 1
fi

echo "make: missing $names; installing with apt-get:$packages"
$as_root apt-get update -q
# shellcheck disable=SC2086  # a list of package names
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -q -y --no-install-recommends $packages
