"""The `logplatform` command: reads its arguments and hands over to `logplatform.commands`.

Exit codes: 0 done, 1 nothing found, 2 usage, 3 bad input or failure; errors are one line on
stderr.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from logplatform import config

if TYPE_CHECKING:
    from collections.abc import Sequence

    # argparse has no public name for what holds its subcommands.
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001

DONE, NOTHING_FOUND, USAGE, BAD_INPUT = 0, 1, 2, 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = _parser().parse_args(argv)
    if arguments.home is not None:
        config.use_home(arguments.home)
    config.start_django()
    # After the settings are loaded: the commands import models.
    command = import_module(f"logplatform.commands.{arguments.module}")
    from logplatform.commands.failures import FAILURES, describe

    try:
        code: int = getattr(command, arguments.function)(arguments)
    except BrokenPipeError:  # `logplatform export ... | head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except FAILURES as error:
        sys.stderr.write(f"logplatform: {describe(error)}\n")
        return BAD_INPUT
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="logplatform", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--home", type=Path, help="folder of database, segments and write-ahead files"
    )
    _add_service(commands, shared)
    _add_lines(commands, shared)
    _add_people(commands, shared)
    _add_reports(commands, shared)
    return parser


def _add(
    commands: Commands,
    name: str,
    shared: argparse.ArgumentParser,
    target: str,
    about: str,
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, parents=[shared], help=about, description=about
    )
    module, function = target.split(".")
    parser.set_defaults(module=module, function=function)
    return parser


def _add_service(commands: Commands, shared: argparse.ArgumentParser) -> None:
    up = _add(commands, "up", shared, "service.up", "run web, worker and beat together")
    web = _add(commands, "web", shared, "service.web", "run the web server alone")
    for parser in (up, web):
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=_port, default=8000)
    worker = _add(commands, "worker", shared, "service.worker", "run a worker")
    worker.add_argument("--beat", action="store_true", help="send scheduled tasks as well")
    worker.add_argument(
        "--queues",
        default="celery,detect",
        help="celery (seals and the like), detect (detectors), or both, with a comma",
    )
    _add(commands, "beat", shared, "service.beat", "send scheduled tasks")
    _add(commands, "doctor", shared, "doctor.doctor", "say what is wrong, if anything is")


def _add_lines(commands: Commands, shared: argparse.ArgumentParser) -> None:
    ingest = _add(commands, "ingest", shared, "lines.ingest", "store a file's lines")
    ingest.add_argument("file", help="plain, gzip, zstd, bz2 or xz; - for standard input")
    ingest.add_argument("--source", required=True, help="created where it does not exist")
    ingest.add_argument("--wait", action="store_true", help="until the lines are sealed")
    ingest.add_argument("--json", action="store_true")
    export = _add(commands, "export", shared, "lines.export", "give a source's bytes back")
    export.add_argument("--source", required=True)
    export.add_argument("-o", "--output", type=Path, help="standard output where left out")
    search = _add(commands, "search", shared, "find.search", "print the records that match")
    search.add_argument("query")
    search.add_argument("--source", help="all sources where left out")
    search.add_argument("--count", action="store_true", help="print their number alone")
    search.add_argument("--json", action="store_true", help="one object a line")


def _add_people(commands: Commands, shared: argparse.ArgumentParser) -> None:
    user = _group(commands, "user", "people who sign in")
    create = _add(user, "create", shared, "people.create_user", "create a person")
    create.add_argument("username")
    create.add_argument("--role", default="viewer", choices=["viewer", "editor", "admin"])
    password = _add(user, "password", shared, "people.change_password", "set a new password")
    password.add_argument("username")
    for parser in (create, password):
        parser.add_argument(
            "--password-stdin", action="store_true", help="else one is made up and printed"
        )
    _add(user, "list", shared, "people.list_users", "list people")
    token = _group(commands, "token", "tokens of agents")
    create = _add(token, "create", shared, "people.create_token", "create and print a token")
    create.add_argument("--source", help="the only one it is good for; all where left out")
    create.add_argument("--scope", required=True, action="append", choices=["ingest", "read"])
    create.add_argument("--name", default="command line")
    create.add_argument("--days", type=float, help="until it expires; never where left out")
    _add(token, "list", shared, "people.list_tokens", "list tokens")
    delete = _add(token, "delete", shared, "people.delete_token", "end a token")
    delete.add_argument("id", type=int)


def _add_reports(commands: Commands, shared: argparse.ArgumentParser) -> None:
    report = _group(commands, "report", "reports that were planned in the dashboard")
    run = _add(report, "run", shared, "reports.run_report", "make a report now, into a file")
    run.add_argument("name")
    run.add_argument(
        "--out", type=Path, required=True, help="ends in .pdf, .html, .txt or .json"
    )
    run.add_argument(
        "--at",
        type=datetime.fromisoformat,
        help="as if it were then, UTC where it names no zone; now where left out",
    )
    _add(report, "list", shared, "reports.list_reports", "list the plans of reports")


def _group(commands: Commands, name: str, about: str) -> Commands:
    parser = commands.add_parser(name, help=about, description=about)
    return parser.add_subparsers(metavar="ACTION", required=True)


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port < 65_536:
        raise argparse.ArgumentTypeError(f"{text} is no port")
    return port


if __name__ == "__main__":
    sys.exit(main())
