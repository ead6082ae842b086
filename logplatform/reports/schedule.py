"""When things are due: cron times in a time zone, and the period that a report is about.

Local times are turned into moments by cronsim and zoneinfo: on the day that the clock goes
forward a time that does not exist is taken an hour later, and one that comes twice is taken
once.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from logplatform.reports.errors import InvalidPlanError
from logplatform.reports.models import Maintenance, Period

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CRON_CHARS = 100
# A plan is at most hourly: its shortest period is a day.
MIN_STEP = timedelta(minutes=55)


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name."""
    if name not in available_timezones():
        raise InvalidPlanError(f"time_zone: {name!r} is none, as Europe/Berlin would be")
    return ZoneInfo(name)


def times_after(cron: str, zone_name: str, after: datetime) -> Iterator[datetime]:
    """Yield the moments (UTC) that a cron expression names after one.

    Raises
    ------
    InvalidPlanError
    """
    local = after.astimezone(zone(zone_name))
    if len(cron) > MAX_CRON_CHARS or len(cron.split()) != 5:
        raise InvalidPlanError("cron: five fields, as in 0 7 * * 1")
    try:
        yield from (moment.astimezone(UTC) for moment in CronSim(cron, local))
    except CronSimError as error:
        raise InvalidPlanError(f"cron: {cron!r}: {error}") from error


def next_time(cron: str, zone_name: str, after: datetime) -> datetime | None:
    """Return the first moment after one; None where there never is one."""
    return next(times_after(cron, zone_name, after), None)


def latest_time(cron: str, zone_name: str, first: datetime, now: datetime) -> datetime:
    """Return the latest moment of a schedule up to now, ``first`` where there is none after."""
    found = first
    for moment in times_after(cron, zone_name, first):
        if moment > now:
            break
        found = moment
    return found


def check_cron(cron: str, zone_name: str, now: datetime) -> None:
    """Raise `InvalidPlanError` unless a schedule is one, and not too often."""
    upcoming = times_after(cron, zone_name, now)
    first, second = next(upcoming, None), next(upcoming, None)
    if first is None:
        raise InvalidPlanError(f"cron: {cron!r} never comes")
    if second is not None and second - first < MIN_STEP:
        raise InvalidPlanError("cron: at most once an hour")


def period_before(period: str, zone_name: str, moment: datetime) -> tuple[datetime, datetime]:
    """Return the last whole local day, week or month before a moment, as UTC."""
    place = zone(zone_name)
    today = moment.astimezone(place).date()
    if period == Period.MONTH:
        end = today.replace(day=1)
        start = (end - timedelta(days=1)).replace(day=1)
    else:
        end = today
        start = end - timedelta(days=7 if period == Period.WEEK else 1)
    return _midnight(start, place), _midnight(end, place)


def same_period_before(
    start: datetime, end: datetime, zone_name: str
) -> tuple[datetime, datetime]:
    """Return the period of the same weekdays before: whole weeks earlier, in local time."""
    place = zone(zone_name)
    first, last = start.astimezone(place), end.astimezone(place)
    days = (last.date() - first.date()).days
    back = timedelta(weeks=max(1, -(-days // 7)))
    return _moved(first, back, place), _moved(last, back, place)


def _moved(moment: datetime, back: timedelta, place: ZoneInfo) -> datetime:
    naive = moment.replace(tzinfo=None) - back
    return naive.replace(tzinfo=place).astimezone(UTC)


def _midnight(day: date, place: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), place).astimezone(UTC)


def is_under_maintenance(window: Maintenance, now: datetime) -> bool:
    """Say whether a maintenance window is open."""
    if window.cron:
        length = timedelta(minutes=window.minutes)
        began = next_time(window.cron, window.time_zone, now - length - timedelta(seconds=1))
        return began is not None and began <= now
    return bool(
        window.start is not None and window.end is not None and window.start <= now < window.end
    )
