"""Quantities as logs write them: ``150ms``, ``1.5 GB``, ``1h2m3s``, ``00:01:02.5``, ``87%``.

Everything is exact decimal arithmetic: ``0.3s`` and ``300ms`` are equal. Which quantity
satisfies which condition is decided in `values`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Dimension(StrEnum):
    """What kind of quantity a unit measures."""

    TIME = "time"
    SIZE = "size"
    RATE = "rate"
    RATIO = "ratio"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit and how many seconds, bytes, bytes a second or parts of one it is."""

    symbol: str
    dimension: Dimension
    factor: Decimal


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as written and its unit; None where nothing says which."""

    number: Decimal
    unit: Unit | None = None

    @property
    def amount(self) -> Decimal:
        """The quantity in its dimension's base unit, or the bare number."""
        return self.number if self.unit is None else self.number * self.unit.factor

    def __str__(self) -> str:
        return f"{self.number:f}{self.unit.symbol if self.unit else ''}"


def _time(symbol: str, factor: str) -> Unit:
    return Unit(symbol, Dimension.TIME, Decimal(factor))


_TIMES: dict[str, tuple[Unit, str]] = {
    "ns": (_time("ns", "1e-9"), "nanos nanosecond nanoseconds nsec nsecs"),
    "us": (_time("us", "1e-6"), "µs μs micros microsecond microseconds usec usecs"),
    "ms": (_time("ms", "1e-3"), "millis millisecond milliseconds msec msecs"),
    "s": (_time("s", "1"), "sec secs second seconds"),
    "min": (_time("min", "60"), "mins minute minutes"),
    "h": (_time("h", "3600"), "hr hrs hour hours"),
    "d": (_time("d", "86400"), "day days"),
    "w": (_time("w", "604800"), "week weeks"),
}


def _sizes() -> dict[str, Unit]:
    """Return units of size by lower-case name: KB = 1000, KiB and a lone K = 1024 bytes."""
    byte = Unit("B", Dimension.SIZE, Decimal(1))
    units = dict.fromkeys(("b", "byte", "bytes"), byte)
    for power, letter in enumerate("kmgtpe", start=1):
        decimal = Unit(letter.upper() + "B", Dimension.SIZE, Decimal(1000) ** power)
        binary = Unit(letter.upper() + "iB", Dimension.SIZE, Decimal(1024) ** power)
        units |= {letter + "b": decimal, letter + "ib": binary, letter: binary}
    names = ("kilo", "mega", "giga", "tera")
    for letter, name in zip("kmgt", names, strict=True):
        units |= dict.fromkeys((f"{name}byte", f"{name}bytes"), units[letter + "b"])
    return units


def _rates(sizes: dict[str, Unit]) -> dict[str, Unit]:
    rates: dict[str, Unit] = {}
    for name, unit in sizes.items():
        rate = Unit(unit.symbol + "/s", Dimension.RATE, unit.factor)
        rates |= dict.fromkeys((name + "/s", name + "/sec"), rate)
        if len(name) > 1:
            rates[name + "ps"] = rate
    return rates


_SIZES = _sizes()
_TIME_NAMES = {
    name: unit for key, (unit, more) in _TIMES.items() for name in (key, *more.split())
}
_PERCENT = Unit("%", Dimension.RATIO, Decimal("0.01"))
# A lone letter means a size or a time by what it is compared with: 5m, 512m.
_LONE_SIZES = {name: unit for name, unit in _SIZES.items() if len(name) == 1}
_LONE_TIMES = {**{name: _TIME_NAMES[name] for name in "shdw"}, "m": _TIMES["min"][0]}
UNITS: dict[str, Unit] = {
    **_SIZES,
    **_rates(_SIZES),
    **_TIME_NAMES,
    "m": _TIMES["min"][0],
    "%": _PERCENT,
    "percent": _PERCENT,
    "pct": _PERCENT,
}
TIME_SYMBOLS = "ns us ms s min h d w"
SIZE_SYMBOLS = "B KB MB GB TB KiB MiB GiB TiB"

_NUMBER = r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?"
_QUANTITY = re.compile(rf"({_NUMBER})\s*([^\W\d_]+(?:/s(?:ec)?)?|%)?\.?")
_HEX = re.compile(r"0[xX][0-9a-fA-F]{1,32}")
_CLOCK = re.compile(r"(?:([0-9]+) days?, )?([0-9]+):([0-5][0-9]):([0-5][0-9](?:[.,][0-9]+)?)")
_COMPOUND = re.compile(r"(?:P?T?)?(?:[0-9]+(?:\.[0-9]+)?\s*(?:ns|us|µs|ms|[smhdwSMHDW])\s*T?)+")
_COMPOUND_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(ns|us|µs|ms|[smhdwSMHDW])")
_COMPOUND_UNITS = {**{name: unit for name, (unit, _) in _TIMES.items()}, **_LONE_TIMES}
# A value longer than this is text, not a quantity.
_MAX_VALUE_BYTES = 64


def parse_quantity(
    value: bytes, around: Unit | None = None, *, prefer: Dimension | None = None
) -> Quantity | None:
    """Read a value of a log as a quantity, None where it is none.

    Parameters
    ----------
    value
        The bytes of the value; a unit in it wins over ``around``.
    around
        The unit that the text around the value names (`unit_around`).
    prefer
        The dimension to read a lone letter in: ``5m`` is minutes or MiB.
    """
    if not value or len(value) > _MAX_VALUE_BYTES:
        return None
    text = value.decode(errors="replace").strip()
    match = _QUANTITY.fullmatch(text)
    if match is not None:
        number = Decimal(match[1].replace(",", ""))
        if match[2] is None:
            return Quantity(number, around)
        unit = find_unit(match[2], prefer)
        return Quantity(number, unit) if unit is not None else None
    if _HEX.fullmatch(text):
        return Quantity(Decimal(int(text, 16)), around)
    return _parse_duration(text)


def find_unit(name: str, prefer: Dimension | None = None) -> Unit | None:
    """Return the unit with this name in any usual spelling, None where there is none."""
    if len(name) == 1 and prefer is Dimension.SIZE and name.lower() in _LONE_SIZES:
        return _LONE_SIZES[name.lower()]
    if name == "M" and prefer is not Dimension.TIME:  # 512M, and never minutes
        return _LONE_SIZES["m"]
    return UNITS.get(name) or UNITS.get(name.lower())


def _parse_duration(text: str) -> Quantity | None:
    """Read ``1:02:03.5`` (h:mm:ss), ``1h2m3s`` and ISO 8601's ``PT1M2.5S``."""
    clock = _CLOCK.fullmatch(text)
    if clock is not None:
        days, hours, minutes = (int(part or 0) for part in clock.groups()[:3])
        seconds = Decimal(clock[4].replace(",", "."))
        whole = (days * 24 + hours) * 3600 + minutes * 60
        return Quantity(whole + seconds, _TIMES["s"][0])
    if not _COMPOUND.fullmatch(text):
        return None
    total = sum(
        (
            Decimal(number)
            * _COMPOUND_UNITS[unit if unit in _COMPOUND_UNITS else unit.lower()].factor
            for number, unit in _COMPOUND_PART.findall(text)
        ),
        start=Decimal(0),
    )
    return Quantity(total, _TIMES["s"][0])


# What follows a value: `<*> ms`, `<*>s`, `<*> bytes,`, `<*>%`. A lone letter must touch it.
_AFTER = re.compile(r"(%)|([A-Za-zµ]{1,12}(?:/s(?:ec)?)?)(?![A-Za-z0-9_])")
_AFTER_BLANK = re.compile(r"[ \t]?([A-Za-zµ]{2,12}(?:/s(?:ec)?)?|%)(?![A-Za-z0-9_/])")
# What stands before it: `elapsed_ms=`, `"durationMs":`, `time (ms): `, `took_seconds: `.
_BEFORE = re.compile(
    r"(?:_|[-.]|[a-z](?=[A-Z])|\(|\bin |\b)"
    r"([Nn]s|[Uu]s|[Mm]s|[Ss]|[Nn]anos(?:econds)?|[Mm]icros(?:econds)?|[Mm]illis(?:econds)?"
    r"|[Ss]ecs?|[Ss]econds|[Mm]inutes|[Hh]ours|[Dd]ays|[Bb]ytes|[KkMmGg]i?[Bb]|[Pp]ercent|[Pp]ct|%)"
    r"\)?[\"']?\s*[=:]\s*[\"'\[(]?$"
)


def unit_around(before: bytes, after: bytes) -> Unit | None:
    """Return the unit that the constant text beside a slot names, None where it names none.

    Parameters
    ----------
    before, after
        Constant bytes left and right of the slot; only the nearest few matter.
    """
    right = after[:24].decode(errors="replace")
    match = _AFTER.match(right) or _AFTER_BLANK.match(right)
    if match is not None:
        unit = find_unit(next(group for group in match.groups() if group))
        if unit is not None:
            return unit
    found = _BEFORE.search(before[-40:].decode(errors="replace"))
    return find_unit(found[1]) if found is not None else None


_BYTES = frozenset({"bytes", "size", "length"})
_WORD = re.compile(r"[a-z]+")


def unit_of_name(name: str) -> Unit | None:
    """Return the unit that a name tells: ``dur_ms``, ``bytes_sent``, ``request_size``."""
    unit = unit_around(name.encode() + b"=", b"")
    if unit is None and _BYTES.intersection(_WORD.findall(name.lower())):
        return _SIZES["b"]
    return unit
