"""Typed values: what a condition's right-hand side means and which values of a log satisfy it.

A `Test` is one right-hand side of the query language (``>2s``, ``10.0.0.0/8``, ``5*``).
`Test.predicate` turns it into a function over the bytes of one value, given what the text
around the value says about its unit. The grammar is in `query`, the units in `units`.
"""

from __future__ import annotations

import ipaddress
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from logplatform.logs.units import Quantity, Unit, parse_quantity
from logzip.conditions import Regex, compiled

if TYPE_CHECKING:
    from decimal import Decimal

Predicate = Callable[[bytes], bool]

OPERATORS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
# Text that needs no quotes and cannot be read as anything but itself.
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
_ESCAPE = re.compile(r'\\(?:x([0-9A-Fa-f]{2})|([ntr"\\]))')
_PAIR_OR_QUOTE = re.compile(r'\\.|"', re.DOTALL)
_IPV4 = re.compile(rb"(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9]|\.[0-9])")
_IPV6 = re.compile(rb"(?<![0-9A-Za-z:.])[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*")


def compile_regex(pattern: str) -> Predicate:
    """Return a test whether a part of some bytes fits a user's regular expression.

    Raises
    ------
    logzip.errors.BadPattern
        With RE2's own words.
    """
    search = compiled(record_regex(pattern)).search
    return lambda value: search(value) is not None


def record_regex(pattern: str) -> Regex:
    """Return a user's regular expression as a condition on records.

    An ASCII pattern is matched byte by byte, since a record need not be UTF-8 and one odd byte
    would otherwise end every ``.*``; any other pattern as UTF-8.
    """
    return Regex(pattern.encode() if pattern.isascii() else pattern)


def quote(text: bytes) -> str:
    """Return ``text`` as a quoted phrase of the query language; `unquote` is the way back."""
    out = []
    for char in text.decode(errors="surrogateescape"):
        code = ord(char)
        if char in {'"', "\\"}:
            out.append("\\" + char)
        elif 0xDC80 <= code <= 0xDCFF:
            out.append(f"\\x{code - 0xDC00:02x}")
        elif code < 0x20 or code == 0x7F:
            out.append({"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(char, f"\\x{code:02x}"))
        else:
            out.append(char)
    return '"' + "".join(out) + '"'


def unquote(text: str) -> bytes:
    r"""Read the inside of a quoted phrase: ``\"``, ``\\``, ``\n``, ``\t``, ``\r``, ``\xNN``.

    Any other backslash stands for itself, so that Windows paths can be pasted mostly as is.
    """
    out = bytearray()
    at = 0
    for match in _ESCAPE.finditer(text):
        out += text[at : match.start()].encode(errors="surrogatepass")
        at = match.end()
        if match[1]:
            out.append(int(match[1], 16))
        else:
            out += _ESCAPES[match[2]].encode()
    return bytes(out + text[at:].encode(errors="surrogatepass"))


@dataclass(frozen=True, slots=True)
class Equals:
    """The value is exactly these bytes (``ignore_case``: but for ASCII case)."""

    value: bytes
    ignore_case: bool = False

    def __str__(self) -> str:
        if self.ignore_case:
            return "i:" + quote(self.value)
        text = self.value.decode(errors="replace")
        return text if _PLAIN.fullmatch(text) else quote(self.value)

    def predicate(self, _unit: Unit | None = None) -> Predicate:
        """Return the test for one value."""
        if self.ignore_case:
            lowered = self.value.lower()
            return lambda value: value.lower() == lowered
        return self.value.__eq__


@dataclass(frozen=True, slots=True)
class Like:
    """The whole value fits a pattern in which ``*`` stands for any run of bytes."""

    pattern: bytes

    def __str__(self) -> str:
        return self.pattern.decode()

    def predicate(self, _unit: Unit | None = None) -> Predicate:
        """Return the test for one value."""
        parts = self.pattern.split(b"*")
        first, last = parts[0], parts[-1]
        least = sum(map(len, parts))

        def fits(value: bytes) -> bool:
            if len(value) < least or not value.startswith(first) or not value.endswith(last):
                return False
            at, end = len(first), len(value) - len(last)
            for part in parts[1:-1]:
                found = value.find(part, at, end)
                if found < 0:
                    return False
                at = found + len(part)
            return True

        return fits


@dataclass(frozen=True, slots=True)
class Matches:
    """A part of the value fits a regular expression (RE2)."""

    regex: str

    def __str__(self) -> str:
        return "re:" + quote_regex(self.regex)

    def predicate(self, _unit: Unit | None = None) -> Predicate:
        """Return the test for one value."""
        return compile_regex(self.regex)


@dataclass(frozen=True, slots=True)
class Compare:
    """The value is a quantity above or below another one."""

    operator: str
    bound: Quantity

    def __str__(self) -> str:
        return f"{self.operator}{self.bound}"

    def predicate(self, unit: Unit | None = None) -> Predicate:
        """Return the test for one value whose surroundings name ``unit``."""
        holds, bound = OPERATORS[self.operator], self.bound
        limit = bound.amount

        def test(value: bytes) -> bool:
            amount = _amount(value, bound, unit)
            return amount is not None and holds(amount, limit)

        return test


@dataclass(frozen=True, slots=True)
class Between:
    """The value is a quantity between two others, both included."""

    low: Quantity
    high: Quantity

    def __str__(self) -> str:
        return f"{self.low}..{self.high}"

    def predicate(self, unit: Unit | None = None) -> Predicate:
        """Return the test for one value whose surroundings name ``unit``."""
        low, high = self.low, self.high
        lowest, highest = low.amount, high.amount

        def test(value: bytes) -> bool:
            amount = _amount(value, low, unit)
            return amount is not None and lowest <= amount <= highest

        return test


@dataclass(frozen=True, slots=True)
class Within:
    """An IP address in the value (a port or a path may follow it) lies in a network."""

    network: str

    def __str__(self) -> str:
        return self.network

    def predicate(self, _unit: Unit | None = None) -> Predicate:
        """Return the test for one value."""
        network = ipaddress.ip_network(self.network)
        base, mask = int(network.network_address), int(network.netmask)
        if network.version == 4:
            return lambda value: any(
                address & mask == base for address in map(_ipv4, _IPV4.findall(value))
            )
        return lambda value: any(
            address & mask == base for address in map(_ipv6, _IPV6.findall(value))
        )


@dataclass(frozen=True, slots=True)
class Ranked:
    """The value is a label above or below another one, in an order that people have given.

    The order is not in the query: who has it asks `accepted`.
    """

    operator: str
    label: str

    def __str__(self) -> str:
        return f"{self.operator}{Equals(self.label.encode())}"

    def predicate(self, _unit: Unit | None = None) -> Predicate:
        """Return the test for a value of which no order is known: only the label itself."""
        label, holds = self.label.encode(), "=" in self.operator
        return lambda value: holds and value == label

    def accepted(self, order: Sequence[str]) -> frozenset[str]:
        """Return the labels that pass, of some from the most to the least; none if unknown."""
        folded = [label.casefold() for label in order]
        if self.label.casefold() not in folded:
            return frozenset()
        place = folded.index(self.label.casefold())
        end = place + ("=" in self.operator)
        start = place + ("=" not in self.operator)
        return frozenset(order[:end] if self.operator.startswith(">") else order[start:])


Test = Equals | Like | Matches | Compare | Between | Within | Ranked


def quote_regex(regex: str) -> str:
    r"""Return a regular expression in quotes; only ``"`` is escaped, the rest is RE2's."""
    return (
        '"'
        + _PAIR_OR_QUOTE.sub(lambda pair: pair[0] if pair[0][-1] != '"' else '\\"', regex)
        + '"'
    )


def unquote_regex(text: str) -> str:
    r"""Read the inside of a quoted regular expression, where ``\"`` is ``"``."""
    return _PAIR_OR_QUOTE.sub(lambda pair: '"' if pair[0][-1] == '"' else pair[0], text)


def _amount(value: bytes, bound: Quantity, unit: Unit | None) -> Decimal | None:
    """Return what of ``value`` may be compared with ``bound``, None where nothing may.

    A bound without unit is compared with the number as the log writes it, whatever its unit; a
    bound with a unit only with quantities of its dimension.
    """
    found = parse_quantity(value, unit, prefer=bound.unit.dimension if bound.unit else None)
    if found is None:
        return None
    if bound.unit is None:
        return found.number
    if found.unit is None or found.unit.dimension is not bound.unit.dimension:
        return None
    return found.amount


def _ipv4(text: bytes) -> int:
    parts = [int(part) for part in text.split(b".")]
    if max(parts) > 255:
        return -1
    return parts[0] << 24 | parts[1] << 16 | parts[2] << 8 | parts[3]


def _ipv6(text: bytes) -> int:
    try:
        return int(ipaddress.IPv6Address(text.decode()))
    except ipaddress.AddressValueError:
        return -1
