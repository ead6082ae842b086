"""Numbers and texts as sentences and cells have them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
MAX_TEMPLATE = 200
# A quotient beyond is no longer a useful number.
LARGE = 1000


def number(count: int) -> str:
    """Return a count with its thousands apart."""
    return f"{count:,}"


def plural(count: int, one: str, many: str = "") -> str:
    """Return a count and its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def change(now: int, before: int) -> str:
    """Return how a count has changed, in words short enough for a cell."""
    if now == before:
        return "same"
    if before == 0:
        return "new"
    if now == 0:
        return "gone"
    ratio = now / before
    if ratio >= 2 or ratio <= 0.5:
        times = ratio if ratio >= 2 else 1 / ratio
        shown = f"{times:,.1f}" if times < LARGE else f"{times:,.0f}"
        return f"×{shown}" if ratio >= 2 else f"÷{shown}"  # noqa: RUF001
    return f"{(ratio - 1) * 100:+.0f} %"


def size(count: int) -> str:
    """Return bytes with a unit."""
    amount, unit = float(count), 0
    while amount >= 1000 and unit < len(UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.0f} {UNITS[unit]}" if unit == 0 else f"{amount:.1f} {UNITS[unit]}"


def minutes(count: int) -> str:
    """Return a length of time."""
    hours, rest = divmod(count, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "d"), (hours, "h"), (rest, "min")]
    return " ".join(f"{amount} {unit}" for amount, unit in parts if amount) or "0 min"


def clipped(text: str, limit: int = MAX_TEMPLATE) -> str:
    """Return a text of a log on one line, control characters shown, at most so long."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    one_line = " ".join(shown.split())
    return one_line if len(one_line) <= limit else one_line[: limit - 1] + "…"


def local_time(moment: datetime, zone_name: str) -> str:
    """Return a moment in a time zone, to the minute."""
    return f"{moment.astimezone(ZoneInfo(zone_name)):%a %Y-%m-%d %H:%M}"


def local_time_ns(time_ns: int, zone_name: str) -> str:
    """Return a record's time in a time zone, to the minute."""
    return local_time(datetime.fromtimestamp(time_ns / 1e9, tz=UTC), zone_name)
