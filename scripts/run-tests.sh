#!/bin/sh
# Runs every test: the parts below in order, one more at a time than there are cores (two in CI),
# as journeys mostly wait.
# usage: scripts/run-tests.sh [PART]
#
# A part is a pytest process of its own. What it says is printed in one piece when it has
# ended, and stays in test-results/PART.txt. The longest parts come first, so that the cores
# are done at about the same time.
set -eu

at_once=$(($(nproc) + 1)) # before the next line, which nproc goes by
# A part has about a core; more threads of torch would wait for each other.
export OMP_NUM_THREADS=1

python=.venv/bin/python
engines="logscan logzip valb glad adaptivelog"
parts="journeys servers platform rest $engines"

# Each part ends with its slowest tests, so that what makes them long is seen as it comes.
tests() { "$python" -m pytest -q --durations=10 -m "not soak and not gpu" "$@"; }

run() {
    case $1 in
        journeys) tests tests/journeys ;;
        # The platform once more, on PostgreSQL and Redis: what meets neither stays out.
        servers) "$python" -m tests.services "$python" -m pytest -q --durations=10 \
            -m "not soak and not gpu and not engine" tests/logplatform ;;
        platform) tests tests/logplatform ;;
        # Processes that are killed, services as compose starts them, samples, documents.
        rest)
            set -- --ignore=tests/journeys --ignore=tests/logplatform
            for engine in $engines; do set -- "$@" --ignore="tests/$engine"; done
            tests tests "$@" ;;
        *) tests "tests/$1" ;;
    esac
}

if [ $# -gt 0 ]; then
    report=test-results/$1.txt
    code=0
    run "$1" > "$report" 2>&1 || code=$?
    printf '== %s\n%s\n' "$1" "$(cat "$report")"
    exit $code
fi
mkdir -p test-results
echo "$parts" | tr ' ' '\n' | xargs -P "$at_once" -n 1 sh "$0"
