"""The commands without a running service: exact bytes, exit codes, one line for an error."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass

import pytest

from logplatform.cli import main
from tests.platform_process import logplatform

LINES = b"".join(
    b"2024-05-01 12:00:%02d %s app: user %d came in\n"
    % (n % 60, b"INFO" if n % 3 else b"WARN", n)
    for n in range(3000)
)


@dataclass
class Done:
    """What a command left."""

    returncode: int
    stdout: bytes
    stderr: str


@pytest.fixture
def run(home, db, capsysbinary):
    """Return a function that runs a command in this process, on the test's home."""

    def run(*arguments, check=False):
        try:
            code = main(arguments)
        except SystemExit as end:  # argparse's way out
            code = int(str(end.code))
        out, err = capsysbinary.readouterr()
        assert not check or code == 0, err
        return Done(code, out, err.decode())

    return run


def test_file_goes_in_is_found_and_comes_out(platform_environment, tmp_path):
    def run(*arguments):
        return logplatform(*arguments, environment=platform_environment).stdout

    path = tmp_path / "app.log.gz"
    path.write_bytes(gzip.compress(LINES))
    report = json.loads(run("ingest", str(path), "--source", "app", "--wait", "--json"))
    assert report["lines"] == 3000
    assert report["raw_bytes"] == len(LINES)
    assert 0 < report["stored_bytes"] < len(LINES) / 10
    assert report["templates"] == 1
    assert run("export", "--source", "app") == LINES
    assert run("search", "level:warn", "--count") == b"1000\n"


def test_commands_agree_on_what_is_stored(run, tmp_path):
    path = tmp_path / "app.log"
    path.write_bytes(LINES)
    run("ingest", str(path), "--source", "app", check=True)
    for state in ("unsealed", "sealed"):
        found = run("search", '"user 17 came"', "--source", "app", check=True)
        assert found.stdout == b"2024-05-01 12:00:17 INFO app: user 17 came in\n", state
        assert run("search", "level:warn", "--count", check=True).stdout == b"1000\n"
        output = tmp_path / "out.log"
        run("export", "--source", "app", "-o", str(output), check=True)
        assert output.read_bytes() == LINES
        again = run("ingest", str(path), "--source", "app", "--wait", "--json", check=True)
        assert json.loads(again.stdout)["duplicate"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["search", "nothing-like-this"], 1, ""),
        (["search", "(a"], 3, "parenthesis"),
        (["search", "a", "--source", "none"], 3, "no source named none"),
        (["export", "--source", "none"], 3, "no source named none"),
        (["ingest", "/no/such/file", "--source", "a"], 3, "/no/such/file: No such file"),
        (["ingest", "manage.py", "--source", "not a name"], 3, "source name 'not a name'"),
        (["ingest"], 2, "usage"),
        (["up", "--port", "0"], 2, "0 is no port"),
        (["user", "create", "x", "--role", "king"], 2, "invalid choice"),
    ],
)
def test_failure_has_its_code_and_its_line(run, arguments, code, words):
    done = run(*arguments)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_truncated_file_is_refused_with_its_name(run, tmp_path):
    path = tmp_path / "cut.log.gz"
    path.write_bytes(gzip.compress(LINES)[:-20])
    done = run("ingest", str(path), "--source", "app", "--wait")
    assert done.returncode == 3
    assert "cut.log.gz" in done.stderr
    assert "ends early" in done.stderr
    assert run("export", "--source", "app").stdout == b""


def test_people_and_tokens_are_managed(run):
    password = run("user", "create", "ann", "--role", "editor", check=True).stdout
    assert len(password.strip()) >= 12
    assert run("user", "list", check=True).stdout == b"ann\teditor\tdefault\n"
    assert run("user", "create", "ann").returncode == 3
    secret = run("token", "create", "--source", "app", "--scope", "ingest", check=True).stdout
    assert secret.startswith(b"lp_")
    listed = run("token", "list", check=True).stdout.decode()
    assert "ingest\tapp" in listed
    assert secret.decode().strip() not in listed
    run("token", "delete", listed.split("\t")[0], check=True)
    assert run("token", "list", check=True).stdout == b""


def test_doctor_finds_a_new_home_well(run):
    assert b"all is well" in run("doctor", check=True).stdout
