"""Homes whose database is there: migrated once a session, and copied for each test.

Migrations from nothing take five seconds, which every platform that a test starts would take
again. Those of `tests.test_compose` and `tests.soak` still begin with nothing.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.services.servers import create_database

DATABASE = "db.sqlite3"
MIGRATE = """
from logplatform import config
config.start_django()
from logplatform.commands.ready import prepare_home
prepare_home()
"""


def with_home(environment: dict[str, str], home: Path) -> dict[str, str]:
    """Return an environment whose home is ``home``, new but for its migrated database.

    Where ``DATABASE_URL`` names a PostgreSQL server, it gets a new database there.
    """
    chosen = environment | {"LOGPLATFORM_HOME": str(home)}
    chosen.pop("DJANGO_SETTINGS_MODULE", None)  # pytest-django's; people run the real ones
    if url := chosen.get("DATABASE_URL"):
        name = f"platform_{secrets.token_hex(6)}"
        chosen["DATABASE_URL"] = create_database(url, name, template=_postgresql(url))
        return chosen
    home.mkdir(mode=0o700, parents=True)
    shutil.copy(Path(_sqlite().name, DATABASE), home / DATABASE)
    return chosen


@cache
def _sqlite() -> TemporaryDirectory[str]:
    """Return a home with a migrated database; it goes when this process ends."""
    folder = TemporaryDirectory(prefix="logplatform-migrated-")
    _migrate({"LOGPLATFORM_HOME": folder.name})
    return folder


@cache
def _postgresql(url: str) -> str:
    """Return the name of a migrated database that nobody is connected to."""
    name = f"migrated_{secrets.token_hex(6)}"
    with TemporaryDirectory() as home:
        _migrate({"LOGPLATFORM_HOME": home, "DATABASE_URL": create_database(url, name)})
    return name


def _migrate(chosen: dict[str, str]) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    subprocess.run(
        [sys.executable, "-c", MIGRATE],
        env=kept | chosen,
        cwd=Path(__file__).parents[1],
        check=True,
        timeout=300,
    )
