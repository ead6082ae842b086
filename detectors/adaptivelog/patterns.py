"""Patterns of what is private in a log: keys, passwords, addresses, names, numbers.

Every pattern is linear in the text. What is found is a span; replacing is `redaction.py`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Kind(StrEnum):
    """What a placeholder says about what it stands for."""

    ADDRESS = "address"
    PLACE = "place"
    HOST = "host"
    EMAIL = "email"
    USER = "user"
    NAME = "name"
    ID = "id"
    SECRET = "secret"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Found:
    """A private part of a text, in characters."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Detector:
    """A pattern; its group ``v`` where it has one is what is private, else all of it."""

    kind: Kind
    pattern: re.Pattern[str]
    accept: Callable[[str], bool] = lambda _: True


def _is_card(text: str) -> bool:
    digits = [int(c) for c in text if c.isdigit()]
    doubled = [d if n % 2 == 0 else sum(divmod(2 * d, 10)) for n, d in enumerate(digits[::-1])]
    return 13 <= len(digits) <= 19 and sum(doubled) % 10 == 0


def _is_random(text: str) -> bool:
    """Whether a word looks drawn at random: letters and digits mixed, hardly any twice."""
    if not (re.search(r"\d", text) and re.search(r"[A-Za-z]", text)):
        return False
    counts = [text.count(c) for c in set(text)]
    entropy = -sum(n / len(text) * math.log2(n / len(text)) for n in counts)
    return entropy >= 3.0 + 0.02 * min(len(text) - 16, 20)


def _is_address(text: str) -> bool:
    return all(int(part) < 256 for part in re.split(r"[.:/]", text)[:4])


def _is_ipv6(text: str) -> bool:
    return text.count(":") >= 3 or ("::" in text and re.search(r"\d", text) is not None)


# Names of fields whose value is a secret, and of those whose value is a person.
_SECRET_FIELD = (
    r"(?:[a-z0-9]{1,30}[_-]){0,4}(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|api[_-]?key|apikey|"
    r"access[_-]?key|private[_-]?key|client[_-]?secret|auth(?:orization)?|credentials?|cookie|"
    r"set-cookie|session(?:[_-]?id)?|sid|jsessionid|phpsessid|csrf|otp|pin|signature|sig|"
    r"connection[_-]?string|account[_-]?key|sharedaccesskey)"
)
_USER_FIELD = (
    r"(?:(?:[a-z0-9]{1,30}[_-]){0,4}(?:user(?:[_-]?name|[_-]?id)?|login|ruser|logname|owner|account|uid|"
    r"principal|subject|customer|employee))"
)
_VALUE = r"(?P<v>\"[^\"\n]{1,400}\"|'[^'\n]{1,400}'|[^\s\"',;&<>(){}\[\]]{1,400})"


# Words that follow "user" or "account" in logs without being anybody.
_WORDS = """
a an and the is was has had not no of on in to for from with by at as or unknown name
names id ids logged login logon logout failed failure error data input info space mode
agent request requests session sessions account accounts password must cannot can does did
will may should already disabled enabled created deleted locked unlocked authentication
authenticated authorization denied granted added removed group <*>
"""
_NOT_NAMES = frozenset(_WORDS.split())


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


DETECTORS: tuple[Detector, ...] = (
    Detector(
        Kind.SECRET,
        re.compile(
            r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----"
            r"[\s\S]{0,8000}?(?:-----END [A-Z ]{0,40}KEY-----|\Z)"
        ),
    ),
    # scheme://user:password@host, a connection string
    Detector(Kind.SECRET, re.compile(r"(?<=://)(?P<v>[^\s/@\"'<>]{1,200})(?=@)")),
    Detector(Kind.SECRET, re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?")),
    Detector(
        Kind.SECRET,
        re.compile(
            r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}"
            r"|\bxox[abeoprs]-[\w-]{10,}|\b(?:sk|rk|pk)_(?:live|test)_\w{10,}|\bsk-[\w-]{16,}"
            r"|\bAIza[\w-]{30,}|\bya29\.[\w-]{20,}|\bglpat-[\w-]{16,}|\bnpm_\w{20,}"
            r"|\bSG\.[\w-]{10,}\.[\w-]{10,}|\bhvs\.[\w-]{20,}|\bpypi-[\w-]{20,}"
        ),
    ),
    Detector(Kind.SECRET, _compile(r"\b(?:bearer|basic|digest|token)\s+(?P<v>[\w.~+/=-]{8,})")),
    Detector(Kind.SECRET, _compile(rf"\b{_SECRET_FIELD}[\"']?\s*(?:=|:|:=|=>)\s*{_VALUE}")),
    Detector(Kind.SECRET, _compile(rf"--?(?:{_SECRET_FIELD})\s+{_VALUE}")),  # on a command line
    Detector(
        Kind.SECRET,
        _compile(r"\b(?:password|passphrase|secret)\s+(?:is|was|of|for)?\s*" + _VALUE),
        lambda value: re.search(r"[\d\W_]", value) is not None,
    ),
    Detector(Kind.EMAIL, re.compile(r"[\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+)+")),
    Detector(Kind.USER, _compile(rf"\b{_USER_FIELD}[\"']?\s*(?:=|:|:=|=>)\s*{_VALUE}")),
    Detector(
        Kind.USER,
        _compile(r"\b(?:user|login|account|principal)\s+(?:name\s+)?" + _VALUE),
        lambda value: value.lower().strip("\"'") not in _NOT_NAMES,
    ),
    Detector(
        Kind.USER,
        _compile(
            r"\b(?:for|by|of)\s+(?:(?:invalid|illegal)\s+)?(?:user\s+)?(?P<v>[\w.-]{2,64})(?=\s+from\b)"
        ),
        lambda value: value.lower() not in _NOT_NAMES,
    ),
    Detector(
        Kind.USER,
        re.compile(r"(?:/home/|/Users/|[A-Za-z]:\\Users\\)(?P<v>[^\s/\\\"':;,]{1,64})"),
    ),
    Detector(Kind.ADDRESS, re.compile(r"\b[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5,7}\b")),
    Detector(
        Kind.ADDRESS,
        re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5}|/\d{1,2})?(?![\w.]*\d)"),
        _is_address,
    ),
    Detector(
        Kind.ADDRESS,
        re.compile(r"(?<![\w:])[0-9a-fA-F:]{2,39}(?:%\w+|:\d+\.\d+\.\d+\.\d+)?(?![\w:])"),
        _is_ipv6,
    ),
    Detector(
        Kind.ID,
        re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"),
    ),
    Detector(Kind.NUMBER, re.compile(r"\b(?:\d[ -]?){12,18}\d\b"), _is_card),
    Detector(
        Kind.NUMBER, re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")
    ),  # a bank account (IBAN)
    Detector(Kind.NUMBER, re.compile(r"\b\d{3}-\d{2}-\d{4}\b")),  # a social security number
    Detector(
        Kind.NUMBER,
        re.compile(r"(?<![\w.])\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d(?:[ .-]?\d){6,12}\b"),
    ),  # a telephone
    Detector(Kind.ID, re.compile(r"\b[0-9a-fA-F]{16,}\b"), lambda v: not v.isalpha()),
    Detector(Kind.SECRET, re.compile(r"(?<![\w/+=-])[\w/+=-]{20,}(?![\w/+=-])"), _is_random),
    Detector(
        Kind.HOST,
        re.compile(
            r"\b(?:[a-zA-Z0-9](?:[\w-]{0,61}[a-zA-Z0-9])?\.){1,8}"
            r"(?:com|net|org|io|dev|app|cloud|internal|local|lan|corp|intranet|edu|gov|example"
            r"|test|invalid|de|uk|fr|nl|eu|us|ch|at|it|es|pl|se|no|fi|dk|cz|ru|cn|jp|in|br|au|ca)"
            r"\b(?![.\w(])"
        ),
    ),
)


def find_secrets(text: str) -> Iterator[Found]:
    """Give the private parts of a text; they may overlap."""
    for detector in DETECTORS:
        for match in detector.pattern.finditer(text):
            group = "v" if "v" in detector.pattern.groupindex else 0
            start, end = match.span(group)
            value = text[start:end]
            if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
                start, end, value = start + 1, end - 1, value[1:-1]
            # Template marks such as <*> and <OID> hold nothing.
            is_mark = re.fullmatch(r"[<\[{(*%]?[*A-Za-z]{0,3}[>\]})*]", value)
            if value and not is_mark and detector.accept(value):
                yield Found(start, end, detector.kind)
