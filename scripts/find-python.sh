#!/bin/sh
# Prints the first interpreter on PATH that is Python 3.11 or newer; exits 1 where there is none.
for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        command -v "$name"
        exit 0
    fi
done
exit 1
