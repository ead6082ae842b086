"""The errors that end a command with one line instead of a trace."""

from __future__ import annotations

from django.db import DatabaseError

from logplatform.accounts.errors import AccountsError
from logplatform.logs.errors import LogsError
from logplatform.reports.errors import ReportsError
from logscan import ScanError
from logzip import LogzipError
from valb import ValbError


class CommandError(Exception):
    """What a command cannot do, in words."""


FAILURES = (
    CommandError,
    AccountsError,
    LogsError,
    ReportsError,
    ScanError,
    LogzipError,
    ValbError,
    OSError,
    DatabaseError,
)


def describe(error: Exception) -> str:
    """Return one line about an error, with the file's name where it has one."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    text = str(error) or type(error).__name__
    caret = getattr(error, "caret", None)
    return f"{text}\n{caret}" if isinstance(caret, str) else " ".join(text.split("\n"))
