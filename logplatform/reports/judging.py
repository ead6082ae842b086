"""What a rule finds in some minutes, by its groups. Live and back-test share it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logplatform.logs.query import parse
from logplatform.logs.query_tree import Anything
from logplatform.logs.search_catalog import catalog_of
from logplatform.logs.sums import is_counted
from logplatform.reports.conditions import Condition, Judgement, compare, judge_counts
from logplatform.reports.errors import InvalidRuleError, ReportsError
from logplatform.reports.models import RuleKind
from logplatform.reports.series import Span, count_sources, scan_sources
from logplatform.reports.variables import read_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from logplatform.logs.models import Source
    from logplatform.logs.query_tree import Node
    from logplatform.reports.series import SourceCounts

    Counts = NDArray[np.int64]

# Sources are counted together with those that need about as long a time.
LOOKBACKS_MIN = (15, 60, 240, 960, 2880)
GROUPS = ("", "source", "template")
# A rule whose scan takes longer is not judged, and says so.
SCAN_BUDGET_S = 5.0


class PartialScanError(ReportsError):
    """A scan did not end in time; judging a part would be a guess."""


@dataclass(frozen=True, slots=True)
class Spec:
    """What a rule watches."""

    condition: Condition
    query: Node
    sources: tuple[Source, ...]
    group_by: str = ""

    @property
    def is_from_catalog(self) -> bool:
        """Whether the catalog's counts can tell; else each judgement scans."""
        return self.condition.kind != RuleKind.VARIABLE and is_counted(self.query)


@dataclass(frozen=True, slots=True)
class Group:
    """One group and what its minutes gave; ``source`` is empty where there are several."""

    key: str
    label: str
    judgement: Judgement
    source: str = ""
    template: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    key: str
    label: str
    counts: Counts
    source: str = ""
    template: str = ""


def read_spec(
    condition: Condition, query: str, sources: Sequence[Source], group_by: str
) -> Spec:
    """Check what a rule watches.

    Raises
    ------
    InvalidRuleError, QueryError
    """
    if group_by not in GROUPS:
        raise InvalidRuleError(f"group_by: one of {', '.join(GROUPS[1:])}, or empty")
    tree = parse(query)
    by_template = {RuleKind.NEW_TEMPLATE, RuleKind.TEMPLATE_CHANGE}
    if condition.kind == RuleKind.ANOMALY:
        group_by = ""
        if query.strip():
            raise InvalidRuleError(
                "query: a rule on anomalies takes sources, a kind and a score, no search"
            )
    if condition.kind in by_template:
        group_by = "template"
        if not is_counted(tree):
            raise InvalidRuleError(
                f"query: a {condition.kind} rule takes levels, templates and sources alone"
            )
    if condition.kind == RuleKind.VARIABLE and group_by == "template":
        raise InvalidRuleError("group_by: a variable's rule has groups by source, or none")
    if condition.kind == RuleKind.ABSENCE and group_by == "template":
        raise InvalidRuleError("group_by: an absence has groups by source, or none")
    return Spec(condition, tree, tuple(sources), group_by)


class Reader:
    """The catalog's counts of some sources, read once for all rules.

    ``heard_min`` are the minutes of which all records are asked for, for rules that scan.
    """

    def __init__(
        self, specs: Iterable[Spec], *, end: int, minutes: int, heard_min: int = 0
    ) -> None:
        needs: dict[int, int] = {}
        sources: dict[int, Source] = {}
        for spec in specs:
            if spec.condition.is_of_events:
                continue
            need = heard_min
            if spec.is_from_catalog:
                need = spec.condition.lookback_min - 1 + minutes
            for source in spec.sources if need else ():
                needs[source.pk] = max(needs.get(source.pk, 0), need)
                sources[source.pk] = source
        by_need: dict[int, list[Source]] = {}
        for pk, need in needs.items():
            width = next((limit for limit in LOOKBACKS_MIN if need <= limit), need)
            by_need.setdefault(width, []).append(sources[pk])
        self._counts: dict[int, SourceCounts] = {}
        for width, of in by_need.items():
            self._counts |= count_sources(of, Span(end - width, end))

    def heard(self, spec: Spec, span: Span) -> Counts:
        """Return all records of a rule's sources in each minute, shape (minutes,)."""
        found = np.zeros(len(span), np.int64)
        for source in spec.sources:
            counts = self._counts.get(source.pk)
            if counts is not None:
                total = counts.total(Anything())
                found += total[span.first - counts.span.first : span.end - counts.span.first]
        return found

    def rows(self, spec: Spec, span: Span) -> Iterator[_Row]:
        """Yield the counts per minute of each group of a rule over a span."""
        if spec.is_from_catalog:
            yield from _grouped(spec, self._counted(spec, span))
        else:
            yield from _grouped(spec, _scanned(spec, span))

    def _counted(self, spec: Spec, span: Span) -> Iterator[tuple[Source, str, str, Counts]]:
        for source in spec.sources:
            counts = self._counts.get(source.pk)
            if counts is None:  # deleted meanwhile
                continue
            part = slice(span.first - counts.span.first, span.end - counts.span.first)
            if spec.group_by != "template":
                yield source, "", "", counts.total(spec.query)[part]
                continue
            for pk, found in counts.by_template(spec.query).items():
                template = counts.catalog.templates[pk]
                yield source, template.key, template.text, found[part]


def _scanned(spec: Spec, span: Span) -> Iterator[tuple[Source, str, str, Counts]]:
    found = scan_sources(spec.sources, spec.query, span, budget_s=SCAN_BUDGET_S)
    if found.is_partial:
        raise PartialScanError(f"the scan took longer than {SCAN_BUDGET_S:g} s")
    by_pk = {source.pk: source for source in spec.sources}
    if spec.group_by != "template":
        for pk, counts in found.by_source.items():
            yield by_pk[pk], "", "", counts
        return
    for (pk, template_pk), counts in found.by_template.items():
        template = catalog_of(by_pk[pk]).templates.get(template_pk)
        if template is not None:
            yield by_pk[pk], template.key, template.text, counts


def _grouped(spec: Spec, parts: Iterator[tuple[Source, str, str, Counts]]) -> Iterator[_Row]:
    if not spec.group_by:
        found = [(source, counts) for source, _, _, counts in parts]
        if found:
            name = found[0][0].name if len(found) == 1 else ""
            yield _Row("", "", np.sum([counts for _, counts in found], axis=0), name)
        return
    for source, key, text, counts in parts:
        if spec.group_by == "source":
            yield _Row(source.name, source.name, counts, source.name)
        else:
            yield _Row(f"{source.name}/{key}", text, counts, source.name, key)


def judge(spec: Spec, span: Span, reader: Reader) -> Iterator[Group]:
    """Yield each group of a rule, judged over the minutes of a span.

    Raises
    ------
    PartialScanError
    """
    if spec.condition.kind == RuleKind.VARIABLE:
        yield from _judge_values(spec, span)
        return
    needed = Span(span.first - spec.condition.lookback_min + 1, span.end)
    for row in reader.rows(spec, needed):
        judgement = judge_counts(spec.condition, row.counts)
        yield Group(row.key, row.label, judgement, row.source, row.template)


def _judge_values(spec: Spec, span: Span) -> Iterator[Group]:
    parts = [(source,) for source in spec.sources] if spec.group_by else [spec.sources]
    condition = spec.condition
    needed = Span(span.first - condition.window_min + 1, span.end)
    for sources in parts:
        values = read_values(
            sources, spec.query, condition.category, needed, budget_s=SCAN_BUDGET_S
        )
        if values.is_partial:
            raise PartialScanError(f"the scan took longer than {SCAN_BUDGET_S:g} s")
        found = values.statistics(condition.statistic, span, condition.window_min)
        judgement = Judgement(found, None, compare(found, condition))
        name = sources[0].name if len(sources) == 1 else ""
        key = name if spec.group_by else ""
        yield Group(key, key, judgement, name)


def silent(spec: Spec, span: Span) -> Judgement:
    """Return the judgement of a group of which nothing was found at all."""
    empty = np.zeros(spec.condition.lookback_min - 1 + len(span), np.int64)
    return judge_counts(spec.condition, empty)
