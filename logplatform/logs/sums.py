"""Exact sums of records by template, level and time: what histograms and patterns are made of.

A query of levels, templates, what these are called and sources alone is answered from the
catalog's counts per minute; the minutes that the time range cuts, and what is not sealed yet,
are scanned. Any other query is answered by a scan. Both give the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from django.db.models import F, Max, Min, Sum

from logplatform.logs import query_tree as tree
from logplatform.logs.judgements import Judgements
from logplatform.logs.models import TemplateCount
from logplatform.logs.search_catalog import has_values
from logplatform.logs.search_compile import TEMPLATE_FIELDS, levels, template_test

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from logplatform.logs.search_catalog import Catalog, KnownTemplate
    from logplatform.logs.search_scope import BlockOf, Rows, Scope
    from logscan import RecordBatch

MINUTE_NS = 60_000_000_000
LEVELS = 7
NO_TEMPLATE = 0
# Says whether the records of a template's row and a level match.
Acceptance: TypeAlias = "Callable[[int, int], bool]"


class Cell(NamedTuple):
    """How many records of one template and level lie in one step of time.

    ``template`` is the row's id, `NO_TEMPLATE` where the sums are not by template. The first
    and last time are exact where a scan gave them and whole minutes where the catalog did.
    """

    source_id: int
    template: int
    level: int
    bucket: int
    records: int
    first_ns: int
    last_ns: int


@dataclass(frozen=True, slots=True)
class Grid:
    """Equal steps of time; a record belongs to bucket ``(time - origin_ns) // step_ns``."""

    origin_ns: int
    step_ns: int

    @property
    def is_of_minutes(self) -> bool:
        """Whether a minute never lies in two buckets."""
        return self.step_ns % MINUTE_NS == 0 and self.origin_ns % MINUTE_NS == 0


def is_counted(query: tree.Node) -> bool:
    """Say whether the catalog's counts can answer a query."""
    for leaf in tree.leaves(query):
        match leaf:
            case tree.Anything() | tree.LevelRange():
                pass
            case tree.Term(own=False, name=name) if name in {"source", *TEMPLATE_FIELDS}:
                pass
            case _:
                return False
    return True


def names_labels(query: tree.Node) -> bool:
    """Say whether a query asks what templates have been called, which changes at any time."""
    return any(
        isinstance(leaf, tree.Term) and not leaf.own and leaf.name in tree.LABEL_FIELDS
        for leaf in tree.leaves(query)
    )


def sealed(scope: Scope, grid: Grid, *, by_template: bool) -> Iterator[Cell]:
    """Yield the sums of the sealed records that the query of ``scope`` matches."""
    request = scope.request
    if not is_counted(request.query) or not grid.is_of_minutes:
        yield from _scanned(scope, grid, by_template=by_template)
        return
    start, end = request.start_ns, request.end_ns
    first = None if start is None else -(-start // MINUTE_NS)
    last = None if end is None else end // MINUTE_NS
    if first is not None and last is not None and first >= last:
        yield from _scanned(scope, grid, by_template=by_template)
        return
    if start is not None and first is not None and start < first * MINUTE_NS:
        edge = scope.narrowed(start, first * MINUTE_NS)
        yield from _scanned(edge, grid, by_template=by_template)
    yield from _counted(scope, grid, (first, last), by_template=by_template)
    if end is not None and last is not None and last * MINUTE_NS < end:
        edge = scope.narrowed(last * MINUTE_NS, end)
        yield from _scanned(edge, grid, by_template=by_template)


def unsealed(scope: Scope, grid: Grid, *, by_template: bool = False) -> Iterator[Cell]:
    """Yield the sums of the matching records that are not sealed.

    They have a template where a sealed record had the same structure.
    """
    for block in scope.unsealed_blocks():
        yield from _of_block(scope, block, grid, by_template=by_template)


def _counted(
    scope: Scope, grid: Grid, minutes: tuple[int | None, int | None], *, by_template: bool
) -> Iterator[Cell]:
    """Yield sums from the catalog, for whole minutes."""
    first, last = minutes
    query = scope.request.query
    by_template = by_template or any(
        isinstance(leaf, tree.Term) and leaf.name != "source" for leaf in tree.leaves(query)
    )
    width, origin = grid.step_ns // MINUTE_NS, grid.origin_ns // MINUTE_NS
    for pk, plan in scope.plans.items():
        counts = TemplateCount.objects.filter(source=pk)
        if first is not None:
            counts = counts.filter(minute__gte=first)
        if last is not None:
            counts = counts.filter(minute__lt=last)
        names = ["template_id", "level"] if by_template else ["level"]
        # Minutes since the origin are never negative, so every database divides them alike.
        rows = (
            counts.annotate(bucket=(F("minute") - origin) / width)
            .values_list(*names, "bucket")
            .annotate(Sum("count"), Min("minute"), Max("minute"))
            .order_by()
        )
        accepts = acceptance(query, plan.source_name, plan.catalog, plan.judgements)
        for *of_template, level, bucket, count, low, high in rows.iterator(chunk_size=5000):
            template = plan.catalog.root[of_template[0]] if of_template else NO_TEMPLATE
            if accepts(template, level):
                first_ns, last_ns = low * MINUTE_NS, high * MINUTE_NS
                yield Cell(pk, template, level, bucket, count, first_ns, last_ns)


def acceptance(
    query: tree.Node,
    source_name: str,
    catalog: Catalog,
    judgements: Judgements | None = None,
) -> Acceptance:
    """Return whether records of a template's row and a level match a counted query."""
    known: dict[tuple[int, int], bool] = {}
    ask = _Asked(source_name.encode(), catalog.source_id, judgements or Judgements())

    def accepts(template: int, level: int) -> bool:
        key = (template, level)
        if key not in known:
            of = catalog.templates.get(template)
            known[key] = _matches(query, ask, of, level)
        return known[key]

    return accepts


class _Asked(NamedTuple):
    """The source that a counted query is asked of."""

    source: bytes
    source_id: int
    judgements: Judgements


def _matches(node: tree.Node, ask: _Asked, template: KnownTemplate | None, level: int) -> bool:
    def part(item: tree.Node) -> bool:
        return _matches(item, ask, template, level)

    match node:
        case tree.And(items) | tree.Or(items):
            return (all if isinstance(node, tree.And) else any)(map(part, items))
        case tree.Not(item):
            return not part(item)
        case tree.LevelRange():
            return level in levels(node)
        case tree.Term(name="source", test=test):
            return test.predicate()(ask.source)
        case tree.Term():
            passes = template_test(node, ask.source_id, ask.judgements)
            return template is not None and passes(template)
        case _:
            return True


def _scanned(scope: Scope, grid: Grid, *, by_template: bool) -> Iterator[Cell]:
    """Yield sums of sealed records by looking at them."""
    for block in scope.all_sealed_blocks():
        yield from _of_block(scope, block, grid, by_template=by_template)


def _of_block(scope: Scope, block: BlockOf, grid: Grid, *, by_template: bool) -> Iterator[Cell]:
    batch = block.load()
    rows = scope.rows(block, batch)
    templates = np.full(len(rows), NO_TEMPLATE)
    if by_template:
        templates = templates_of(block, batch, rows)
    yield from _cells(block.source.pk, batch, rows, templates, grid)


def templates_of(block: BlockOf, batch: RecordBatch, rows: Rows) -> Rows:
    """Return the row id of the template of each of some records, shape (rows,).

    It is `NO_TEMPLATE` for structures that no seal has seen.
    """
    catalog = block.plan.catalog
    hashes = batch.structures.hash.tolist()
    known = [catalog.get(of) for of in hashes]
    by_structure = np.array(
        [of.template.pk if of else NO_TEMPLATE for of in known], dtype=np.int64
    )
    structure = batch.structure[rows]
    found = by_structure[structure]
    for index, of in enumerate(known):
        if of is None or not of.parts:
            continue
        at = np.flatnonzero(structure == index)
        # The first part that fits counts, so it is written last.
        for part in reversed(of.parts):
            has = has_values(batch, index, part.when, rows[at])
            found[at[has]] = part.template.pk
    return found


def _cells(
    source_id: int, batch: RecordBatch, rows: Rows, templates: Rows, grid: Grid
) -> Iterator[Cell]:
    """Group some records."""
    if not len(rows):
        return
    times = batch.time_ns[rows]
    buckets = (times - grid.origin_ns) // grid.step_ns
    low = int(buckets.min())
    width = int(buckets.max()) - low + 1
    ids, which = np.unique(templates, return_inverse=True)
    keys = (which * LEVELS + batch.level[rows]) * width + (buckets - low)
    groups, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    first = np.full(len(groups), np.iinfo(np.int64).max)
    last = np.full(len(groups), np.iinfo(np.int64).min)
    np.minimum.at(first, inverse, times)
    np.maximum.at(last, inverse, times)
    for key, *values in zip(
        groups.tolist(), counts.tolist(), first.tolist(), last.tolist(), strict=True
    ):
        rest, bucket = divmod(key, width)
        template, level = divmod(rest, LEVELS)
        yield Cell(source_id, int(ids[template]), level, bucket + low, *values)
