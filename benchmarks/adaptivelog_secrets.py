"""A corpus of planted secrets, made from a seed: 20 kinds in log lines of many shapes.

None is real. `measure_redaction` counts which are found, in the requests that would be sent.
"""

from __future__ import annotations

import base64
import json
import string
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from adaptivelog.examples import Row
from adaptivelog.prompts import messages
from adaptivelog.redaction import Redactor
from adaptivelog.tasks import SEVERITY

if TYPE_CHECKING:
    from collections.abc import Callable

    Random = np.random.Generator

WORDS = (
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "haven",
    "inlet",
    "jolly",
)
HEX, ALPHANUMERIC = "0123456789abcdef", string.ascii_letters + string.digits


@dataclass(frozen=True)
class Planted:
    """A line with a secret in it."""

    kind: str
    line: str
    secret: str


def _draw(random: Random, letters: str, length: int) -> str:
    return "".join(random.choice(list(letters), length))


def _word(random: Random) -> str:
    return str(random.choice(WORDS)) + str(random.integers(100, 999))


def _password(random: Random) -> str:
    return _word(random).title() + str(random.choice(list("!#%*+_"))) + _draw(random, HEX, 4)


def _jwt(random: Random) -> str:
    parts = ({"alg": "HS256"}, {"sub": _word(random), "iat": int(random.integers(10**9))})
    coded = [
        base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts
    ]
    return ".".join([*coded, _draw(random, ALPHANUMERIC, 43)])


def _card(random: Random) -> str:
    digits = [4, *random.integers(0, 10, 14).tolist()]
    doubled = [sum(divmod(2 * d, 10)) if n % 2 == 0 else d for n, d in enumerate(digits)]
    digits.append(-sum(doubled) % 10)
    text = "".join(map(str, digits))
    return " ".join(text[n : n + 4] for n in range(0, 16, 4)) if random.random() < 0.5 else text


def _octets(random: Random, count: int) -> list[int]:
    return [int(n) for n in random.integers(1, 255, count)]


def _private_key(random: Random) -> str:
    body = "\n".join(_draw(random, ALPHANUMERIC + "+/", 64) for _ in range(3))
    return f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----"


SECRETS: dict[str, tuple[Callable[[Random], str], tuple[str, ...]]] = {
    "ipv4": (
        lambda r: ".".join(map(str, _octets(r, 4))),
        (
            "connection from {} closed",
            "Failed password for root from {} port 22 ssh2",
            "src={}:443",
        ),
    ),
    "ipv6": (
        lambda r: "2001:db8:" + ":".join(f"{n:x}" for n in random_groups(r)),
        ("listening on [{}]:8080", "peer {} timed out", "addr={} up"),
    ),
    "mac": (
        lambda r: ":".join(f"{n:02x}" for n in _octets(r, 6)),
        ("DHCPACK on lease to {} via eth0", "station {} associated", "hwaddr={}"),
    ),
    "email": (
        lambda r: f"{_word(r)}.{_word(r)}@{_word(r)}.example.com",
        ("mail to <{}> deferred", "user {} signed up", "from={}, size=12"),
    ),
    "user name": (
        _word,
        (
            "session opened for user {} by root",
            "user={} action=login",
            "login of user '{}' failed",
        ),
    ),
    "home folder": (_word, ("cannot read /home/{}/.ssh/config", "open C:\\Users\\{}\\app.log")),
    "password": (
        _password,
        ("auth failed password={}", 'body {{"password": "{}"}}', "mysql --password {} -h db"),
    ),
    "url password": (
        _password,
        ("connect postgres://app:{}@db:5432/shop failed", "GET https://bob:{}@repo/x"),
    ),
    "aws key": (
        lambda r: "AKIA" + _draw(r, string.ascii_uppercase + string.digits, 16),
        ("using credentials {}", "key {} is not authorized", "aws_access_key_id = {}"),
    ),
    "github token": (
        lambda r: "ghp_" + _draw(r, ALPHANUMERIC, 36),
        ("clone with {} failed", "remote: invalid token {}", "GH={}"),
    ),
    "slack token": (
        lambda r: f"xoxb-{_draw(r, string.digits, 12)}-{_draw(r, ALPHANUMERIC, 24)}",
        ("slack client started with {}", "post failed ({})"),
    ),
    "jwt": (
        _jwt,
        ("token {} expired", "Authorization: Bearer {}", "cookie id_token={}; path=/"),
    ),
    "basic authorization": (
        lambda r: base64.b64encode(f"{_word(r)}:{_password(r)}".encode()).decode(),
        ("Authorization: Basic {}", "proxy-authorization: Basic {} rejected"),
    ),
    "session cookie": (
        lambda r: _draw(r, ALPHANUMERIC, 26),
        ("Cookie: JSESSIONID={}", "Set-Cookie: sid={}; HttpOnly", "PHPSESSID={} expired"),
    ),
    "api key in a url": (
        lambda r: _draw(r, ALPHANUMERIC, 32),
        ("GET /v1/map?api_key={}&zoom=3 200", "callback /hook?token={} 403"),
    ),
    "private key": (_private_key, ("loaded key {}", "{} could not be parsed")),
    "uuid": (
        lambda r: str(uuid.UUID(bytes=r.bytes(16))),
        ("request {} took 3 ms", "volume {} attached", "id={}"),
    ),
    "card number": (_card, ("payment with card {} declined", "pan={} amount=12.00")),
    "iban": (
        lambda r: f"DE{r.integers(10, 99)}{_draw(r, string.digits, 18)}",
        ("transfer to {} booked", "iban={}"),
    ),
    "telephone": (
        lambda r: f"+49 {r.integers(100, 999)} {_draw(r, string.digits, 7)}",
        ("sms to {} sent", "caller {} hung up"),
    ),
}


def random_groups(random: Random) -> list[int]:
    """Six groups of an IPv6 address."""
    return [int(n) for n in random.integers(1, 65535, 6)]


def planted(count: int, *, seed: int = 0) -> list[Planted]:
    """Make a corpus with as many secrets of each kind, alike to within one."""
    random = np.random.default_rng(seed)
    kinds = list(SECRETS)
    corpus = []
    for number in range(count):
        kind = kinds[number % len(kinds)]
        make, shapes = SECRETS[kind]
        secret = make(random)
        shape = shapes[number // len(kinds) % len(shapes)]
        corpus.append(Planted(kind, shape.format(secret), secret))
    return corpus


def measure_redaction(count: int = 1000, *, seed: int = 0) -> dict[str, object]:
    """Count the planted secrets that no request would hold."""
    missed: dict[str, int] = {}
    restored = 0
    for item in planted(count, seed=seed):
        redactor = Redactor()
        redacted = redactor.redact(item.line)
        restored += redactor.restore(redacted) == item.line
        content = messages(SEVERITY, Row(redacted))[1]["content"]
        if json.dumps(item.secret)[1:-1] in content or item.secret in content:
            missed[item.kind] = missed.get(item.kind, 0) + 1
    return {
        "secrets": count,
        "kinds": len(SECRETS),
        "recall": 1 - sum(missed.values()) / count,
        "missed": missed,
        "restored_exactly": restored / count,
    }
