"""Runs a command with real PostgreSQL and Redis servers: ``python -m tests.services CMD ...``.

`make test` runs the platform's tests a second time this way.
"""

from __future__ import annotations

import os
import subprocess
import sys

from tests.services.servers import both_servers


def main() -> int:
    """Start the servers, run the command, stop them; return the command's exit code."""
    with both_servers() as variables:
        sys.stderr.write(f"on {variables['DATABASE_URL']} and {variables['REDIS_URL']}\n")
        return subprocess.run(sys.argv[1:], env=os.environ | variables, check=False).returncode


sys.exit(main())
