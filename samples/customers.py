"""The people who use the shop: customers, a password guesser, a scanner, an accountant.

They speak HTTP to a running shop and nothing else. Addresses are from the ranges kept for
documentation, so that a sample names nobody's machine.
"""

from __future__ import annotations

import http.client
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

BROWSERS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1 Version/19.1",
)
WORDS = ("lamp", "chair", "desk", "shelf", "clock", "mirror", "carpet", "it's new")
SCANNED = (
    "/wp-login.php",
    "/.env",
    "/.git/config",
    "/admin/config.php",
    "/phpmyadmin/index.php",
    "/cgi-bin/test.cgi",
    "/backup.zip",
    "/server-status",
)
PRODUCTS = 2000


@dataclass
class Visitor:
    """One client of the shop with an address and a browser."""

    port: int
    generator: np.random.Generator
    address: str
    browser: str
    keys: list[str] = field(default_factory=list)

    def send(self, method: str, path: str, form: dict[str, str] | None = None) -> int:
        """Send one request and return the status, 0 where no answer came."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {"X-Forwarded-For": self.address, "User-Agent": self.browser}
        body = None
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
        except OSError:
            return 0
        finally:
            connection.close()
        return answer.status

    def pick(self, low: int, high: int) -> int:
        """Return a number of ``[low, high)``."""
        return int(self.generator.integers(low, high))


def shop_around(visitor: Visitor) -> None:
    """Do what a customer does next."""
    user = f"u{visitor.pick(1000, 1400)}"
    session = f"{visitor.pick(0, 1 << 32):08x}"
    what = visitor.pick(0, 100)
    if what < 62:
        number = visitor.pick(1, PRODUCTS) if what < 60 else visitor.pick(PRODUCTS, 9999)
        visitor.send("GET", f"/products/{number}")
    elif what < 72:
        visitor.send("GET", "/search?" + urlencode({"q": WORDS[visitor.pick(0, len(WORDS))]}))
    elif what < 86:
        visitor.send("POST", f"/carts/{session}", {"product": str(visitor.pick(1, PRODUCTS))})
    elif what < 92:
        right = visitor.pick(0, 12) > 0
        visitor.send(
            "POST", "/login", {"user": user, "password": f"pass-{user}" if right else "?"}
        )
    else:
        place_order(visitor, user)


def place_order(visitor: Visitor, user: str) -> None:
    """Order two products, now and then with a key used before (an impatient double click)."""
    again = visitor.keys and visitor.pick(0, 15) == 0
    key = visitor.keys[-1] if again else f"{visitor.pick(0, 1 << 48):012x}"
    visitor.keys.append(key)
    numbers = [visitor.pick(1, PRODUCTS) for _ in range(2)]
    form = {"key": key, "user": user, "first": str(numbers[0]), "second": str(numbers[1])}
    visitor.send("POST", "/orders", form)


def guess_passwords(visitor: Visitor) -> None:
    """Try the next password for the shop's administrator."""
    visitor.send("POST", "/login", {"user": "admin", "password": f"{visitor.pick(0, 9999)}"})


def scan(visitor: Visitor) -> None:
    """Ask for what is often left lying around."""
    visitor.send("GET", SCANNED[visitor.pick(0, len(SCANNED))])


def sell_out(visitor: Visitor) -> None:
    """Order the two products on sale, in either order: what a deadlock is made of."""
    first = visitor.pick(1, 3)
    form = {
        "key": f"{visitor.pick(0, 1 << 48):012x}",
        "user": f"u{visitor.pick(1000, 1400)}",
        "first": str(first),
        "second": str(3 - first),
    }
    visitor.send("POST", "/orders", form)


def ask_for_reports(visitor: Visitor) -> None:
    """Ask for a month's sales; one month in four does not exist."""
    month = f"2026-{(7, 8, 9, 13)[visitor.pick(0, 4)]:02d}"
    visitor.send("GET", f"/reports?month={month}")


def crowd(
    act: Callable[[Visitor], None],
    *,
    port: int,
    network: str,
    size: int,
    until: float,
    pause_s: float,
) -> list[threading.Thread]:
    """Start ``size`` visitors that ``act`` again and again until a monotonic time."""
    seeds = np.random.SeedSequence([size, int(1000 * pause_s), *network.encode()]).spawn(size)
    return [
        _started(act, _visitor(port, network, np.random.default_rng(seed)), until, pause_s)
        for seed in seeds
    ]


def _visitor(port: int, network: str, generator: np.random.Generator) -> Visitor:
    address = f"{network}.{generator.integers(1, 255)}"
    browser = BROWSERS[int(generator.integers(0, len(BROWSERS)))]
    return Visitor(port=port, generator=generator, address=address, browser=browser)


def _started(
    act: Callable[[Visitor], None], visitor: Visitor, until: float, pause_s: float
) -> threading.Thread:
    def run() -> None:
        while time.monotonic() < until:
            act(visitor)
            time.sleep(visitor.generator.exponential(pause_s))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread
