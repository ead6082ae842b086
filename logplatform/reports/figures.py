"""The figures of a report's period and of those it is compared with, each read once.

They come from the same functions as the API's answers, so that a report and the dashboard never
differ.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from logplatform.logs.histogram import Histogram, histogram
from logplatform.logs.models import TemplateCount
from logplatform.logs.patterns import Pattern, Patterns, patterns
from logplatform.logs.search_catalog import catalog_of
from logplatform.logs.search_scope import Request
from logplatform.reports.places import explore, local
from logplatform.reports.schedule import same_period_before
from logplatform.reports.series import MINUTE_NS

if TYPE_CHECKING:
    from datetime import datetime

    from logplatform.logs.models import Source
    from logplatform.logs.query_tree import Node

BUDGET_S = 120.0
STEPS = 84  # of the picture over time: half a day in a month, two hours in a week


def to_ns(moment: datetime) -> int:
    """Return a moment as nanoseconds since 1970."""
    return round(moment.timestamp()) * 1_000_000_000


@dataclass(frozen=True)
class Figures:
    """What is known of a period.

    ``start`` and ``end`` are the period, ``query`` what of it is looked at. The time before is
    as long and ends where it begins; the week before has the same weekdays.
    """

    sources: tuple[Source, ...]
    query: Node
    query_text: str
    start: datetime
    end: datetime
    time_zone: str
    pictures: dict[str, bytes] = field(default_factory=dict)  # PNG by file name

    @property
    def start_ns(self) -> int:
        """The first nanosecond."""
        return to_ns(self.start)

    @property
    def end_ns(self) -> int:
        """The nanosecond after the last."""
        return to_ns(self.end)

    def request(self, start: datetime, end: datetime, budget_s: float = BUDGET_S) -> Request:
        """Return a search for the report's records in another time."""
        return Request(self.sources, self.query, to_ns(start), to_ns(end), budget_s)

    @cached_property
    def now(self) -> Patterns:
        """The patterns of the period."""
        return patterns(self.request(self.start, self.end))

    @cached_property
    def before(self) -> Patterns:
        """The patterns of the time before."""
        return patterns(self.request(self.start - (self.end - self.start), self.start))

    @cached_property
    def volume(self) -> Histogram:
        """The records of the period by level and time."""
        return histogram(self.request(self.start, self.end), buckets=STEPS)

    @cached_property
    def week_before(self) -> Histogram:
        """The records of the same weekdays before."""
        start, end = same_period_before(self.start, self.end, self.time_zone)
        return histogram(self.request(start, end), buckets=STEPS)

    @cached_property
    def counts_before(self) -> dict[tuple[str, str], int]:
        """How often each pattern (source, template's id) came in the time before."""
        return {key(pattern): pattern.count for pattern in self.before.patterns}

    @cached_property
    def known(self) -> set[tuple[str, str]]:
        """The patterns that came at any time before the period; those of new sources too."""
        found = set()
        for source in self.sources:
            catalog = catalog_of(source)
            earlier = TemplateCount.objects.filter(
                source=source, minute__lt=self.start_ns // MINUTE_NS
            )
            rows = set(earlier.values_list("template_id", flat=True).distinct().order_by())
            roots = {catalog.root.get(pk, pk) for pk in rows}
            found |= {
                (source.name, template.key)
                for pk, template in catalog.templates.items()
                if pk in roots or not rows
            }
        return found

    @cached_property
    def new(self) -> tuple[Pattern, ...]:
        """The patterns that came for the first time, of sources that had some before."""
        return tuple(p for p in self.now.patterns if key(p) not in self.known)

    @cached_property
    def vanished(self) -> tuple[Pattern, ...]:
        """The patterns of the time before that did not come any more."""
        seen = {key(pattern) for pattern in self.now.patterns}
        return tuple(p for p in self.before.patterns if key(p) not in seen)

    @property
    def records(self) -> int:
        """All records of the period."""
        return self.volume.total

    @property
    def records_before(self) -> int:
        """All records of the time before."""
        return self.before.records + self.before.without_template

    @cached_property
    def unheard(self) -> frozenset[str]:
        """The sources with records now and none in the time before: nothing to compare."""
        now = {pattern.source for pattern in self.now.patterns}
        return frozenset(now - {pattern.source for pattern in self.before.patterns})

    def link(self, pattern: Pattern, *, is_before: bool = False) -> str:
        """Return where the records of a pattern are shown."""
        query = f"template:{pattern.template.key}"
        if self.query_text:
            query = f"({self.query_text}) {query}"
        start, end = self.start_ns, self.end_ns
        if is_before:
            start, end = 2 * start - end, start
        return local("/explore", explore(query, pattern.source, start, end))

    def search(self, query: str = "", source: str = "") -> str:
        """Return where the records of a search in the period are shown."""
        parts = [
            f"({self.query_text})" if query and self.query_text else self.query_text,
            query,
        ]
        asked = " ".join(part for part in parts if part)
        return local("/explore", explore(asked, source, self.start_ns, self.end_ns))


def key(pattern: Pattern) -> tuple[str, str]:
    """Return what a pattern is told apart by."""
    return (pattern.source, pattern.template.key)


def levels_of(found: Histogram) -> dict[str, int]:
    """Return the records of each level of a whole histogram."""
    sums: dict[str, int] = {}
    for bucket in found.buckets:
        for level, count in bucket.counts.items():
            sums[level] = sums.get(level, 0) + count
    return sums
