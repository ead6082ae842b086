"""Configuration: misspelt variables are reported, addresses understood, secrets kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from logplatform import config
from logplatform.config import Config
from logplatform.home import Home


def test_unknown_variable_is_named(platform_environment):
    environment = platform_environment | {"LOGPLATFORM_SEAL_BYTSE": "1"}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "LOGPLATFORM_SEAL_BYTSE is not a setting" in done.stderr


def test_known_variables_are_not_reported():
    assert config.unknown_variables() == []


@pytest.mark.parametrize(
    ("url", "name"),
    [("sqlite:////tmp/x.db", Path("/tmp/x.db")), ("sqlite:///x.db", Path("x.db"))],
)
def test_sqlite_address_is_a_path(url, name):
    found = config.database(Config(database_url=SecretStr(url)))
    assert found["NAME"] == name


def test_postgresql_address_is_taken_apart():
    url = "postgresql://us%40er:p%2Fw@db.example:5433/logs"
    found = config.database(Config(database_url=SecretStr(url)))
    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert (found["USER"], found["PASSWORD"]) == ("us@er", "p/w")
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example", "5433", "logs")


def test_other_databases_are_refused():
    with pytest.raises(ValueError, match="mysql"):
        config.database(Config(database_url=SecretStr("mysql://x/y")))


def test_secret_key_is_made_once_and_readable_by_its_owner_alone(tmp_path):
    home = Home(tmp_path / "home")
    key = home.secret_key()
    assert len(key) >= 50
    assert home.secret_key() == key
    assert (home.root / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in home.root.iterdir()] == ["secret_key"]


def test_web_process_starts_without_torch():
    code = (
        "import sys, logplatform.wsgi, logplatform.urls;"
        "sys.exit(any(name.split('.')[0] == 'torch' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
