"""What is stored, read from the catalog: a consistent view for search and export, and sums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Count, Max, Min, Q, Sum

from logplatform.logs.models import Batch, BatchState, Job, JobState, Segment, Source, Template

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from django.db.models import QuerySet


UNSEALED = [BatchState.ACCEPTED, BatchState.FAILED]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything some sources hold at one moment, each line in exactly one place."""

    segments: tuple[Segment, ...]  # in the order of source and sequence
    batches: tuple[Batch, ...]  # unsealed, in the order of source and acceptance


def snapshot(sources: Sequence[Source]) -> Snapshot:
    """Return the segments and the unsealed batches of some sources.

    A seal may commit between two queries. Batches are read first; those whose segment is then
    in the list of segments are dropped, so no line is missed or seen twice. Where a merge has
    taken a listed segment away by then, all is read again. The bytes of a batch that was sealed
    meanwhile, and of a segment that was merged, stay on disk for a while.
    """
    ids = [source.pk for source in sources]
    while True:
        unsealed = list(
            Batch.objects.filter(source__in=ids, state__in=UNSEALED)
            .select_related("source")
            .order_by("source_id", "number", "id")
        )
        segments = list(
            Segment.objects.filter(source__in=ids)
            .select_related("source")
            .order_by("source_id", "sequence")
        )
        listed = {segment.pk for segment in segments}
        if not unsealed:
            return Snapshot(tuple(segments), ())
        moved = Batch.objects.filter(source__in=ids, state=BatchState.SEALED)
        newest = moved.filter(number__gte=min(batch.number for batch in unsealed))
        sealed = dict(newest.values_list("pk", "segment_id"))
        now = Segment.objects.filter(source__in=ids).values_list("pk", flat=True)
        if not sealed or listed <= set(now):
            rest = [batch for batch in unsealed if sealed.get(batch.pk) not in listed]
            return Snapshot(tuple(segments), tuple(rest))


def segment_path(segment: Segment) -> Path:
    """Return where a segment's file lies."""
    path: Path = settings.HOME.segments / segment.path
    return path


@dataclass(frozen=True, slots=True)
class SourceSummary:
    """A source with the sums that its page shows. Bytes and lines include unsealed ones."""

    source: Source
    lines: int
    records: int
    raw_bytes: int
    stored_bytes: int
    first_time_ns: int | None
    last_time_ns: int | None
    templates: int
    pending_batches: int
    failed_jobs: int


def summaries(sources: QuerySet[Source]) -> list[SourceSummary]:
    """Return the sums of some sources, in a fixed number of queries."""
    found = list(sources.order_by("name"))
    ids = [source.pk for source in found]
    sealed = _by_source(
        Segment.objects.filter(source__in=ids)
        .values("source")
        .annotate(
            Sum("lines"),
            Sum("records"),
            Sum("raw_bytes"),
            Sum("stored_bytes"),
            Min("time_min_ns"),
            Max("time_max_ns"),
        )
    )
    pending = _by_source(
        Batch.objects.filter(source__in=ids, state__in=UNSEALED)
        .values("source")
        .annotate(Sum("lines"), Sum("length"), n=Count("id"))
    )
    templates = _by_source(
        Template.objects.filter(source__in=ids, alias_of=None)
        .values("source")
        .annotate(n=Count("id"))
    )
    failed = _by_source(
        Job.objects.filter(source__in=ids)
        .values("source")
        .annotate(n=Count("id", filter=Q(state=JobState.FAILED)))
    )
    return [
        _summary(
            source,
            sealed.get(source.pk, {}),
            pending.get(source.pk, {}),
            templates=templates.get(source.pk, {}).get("n") or 0,
            failed=failed.get(source.pk, {}).get("n") or 0,
        )
        for source in found
    ]


Sums = dict[str, int | None]


def _by_source(rows: Iterable[Any]) -> dict[int, Sums]:
    return {row["source"]: row for row in rows}


def _summary(
    source: Source, sealed: Sums, pending: Sums, *, templates: int, failed: int
) -> SourceSummary:
    return SourceSummary(
        source=source,
        lines=(sealed.get("lines__sum") or 0) + (pending.get("lines__sum") or 0),
        records=sealed.get("records__sum") or 0,
        raw_bytes=(sealed.get("raw_bytes__sum") or 0) + (pending.get("length__sum") or 0),
        stored_bytes=sealed.get("stored_bytes__sum") or 0,
        first_time_ns=sealed.get("time_min_ns__min"),
        last_time_ns=sealed.get("time_max_ns__max"),
        templates=templates,
        pending_batches=pending.get("n") or 0,
        failed_jobs=failed,
    )
