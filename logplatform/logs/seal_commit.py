"""The one transaction of a seal: everything that the catalog says of a new segment.

Callers open the transaction. The file is durable before, so the commit alone decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db.models import F

from logplatform.logs.errors import LeaseLostError
from logplatform.logs.models import (
    Batch,
    BatchState,
    Segment,
    Source,
    Structure,
    Template,
    TemplateCount,
    to_signed,
)

if TYPE_CHECKING:
    from logplatform.logs.segment_draft import SegmentDraft
    from logzip import SegmentInfo
    from valb import Template as FoundTemplate

ROWS_A_STATEMENT = 2000


@dataclass(frozen=True, slots=True)
class Sealed:
    """A segment's file, durable, and what is known of it."""

    file: str  # name in the source's folder
    annotator_file: str
    draft: SegmentDraft
    info: SegmentInfo


def commit(source: Source, batches: list[Batch], sealed: Sealed) -> None:
    """Write a segment's rows and mark its batches as sealed.

    Raises
    ------
    LeaseLostError
        Another seal of the source has committed since this one began; nothing may be kept.
    """
    _take_turn(source, sealed.annotator_file)
    segment = _create_segment(source, sealed)
    keys = _write_templates(source, sealed.draft)
    _write_structures(source, sealed.draft, keys)
    TemplateCount.objects.bulk_create(
        (
            TemplateCount(
                source=source,
                segment=segment,
                template_id=keys[key],
                minute=minute,
                level=level,
                count=count,
            )
            for (key, minute, level), count in sealed.draft.counts.items()
        ),
        batch_size=ROWS_A_STATEMENT,
    )
    marked = Batch.objects.filter(
        pk__in=[batch.pk for batch in batches], state=BatchState.ACCEPTED
    ).update(state=BatchState.SEALED, segment=segment, sealed=datetime.now(tz=UTC))
    if marked != len(batches):
        raise LeaseLostError(f"source {source.name}: {len(batches) - marked} batches are gone")


def _take_turn(source: Source, annotator_file: str) -> None:
    """Raise the version, which no other seal of the source can do as well."""
    won = Source.objects.filter(
        pk=source.pk, annotator_version=source.annotator_version
    ).update(annotator_version=F("annotator_version") + 1, annotator_file=annotator_file)
    if not won:
        raise LeaseLostError(f"source {source.name}: sealed by another worker meanwhile")


def _create_segment(source: Source, sealed: Sealed) -> Segment:
    info = sealed.info
    return Segment.objects.create(
        source=source,
        path=f"{source.pk}/{sealed.file}",
        sequence=source.annotator_version,
        blocks=info.n_blocks,
        records=info.n_records,
        lines=sealed.draft.lines,
        raw_bytes=info.raw_bytes,
        stored_bytes=info.stored_bytes,
        time_min_ns=info.time_min_ns,
        time_max_ns=info.time_max_ns,
        levels={str(level): n for level, n in enumerate(info.levels) if n},
    )


def _write_templates(source: Source, draft: SegmentDraft) -> dict[str, int]:
    """Create new templates, change those that generalised; return the row of each key."""
    rows = {row.key: row for row in Template.objects.filter(source=source)}
    Template.objects.bulk_create(
        [
            _fill(Template(source=source, key=key), found)
            for key, found in draft.templates.items()
            if key not in rows
        ],
        batch_size=ROWS_A_STATEMENT,
    )
    changed = [
        _fill(rows[key], found)
        for key, found in draft.templates.items()
        if key in rows and rows[key].typed_text != found.typed_text
    ]
    Template.objects.bulk_update(
        changed, ["text", "typed_text", "categories"], batch_size=ROWS_A_STATEMENT
    )
    keys = dict(Template.objects.filter(source=source).values_list("key", "pk"))
    for ended, goes_on in draft.merged.items():
        # A template may end before it was ever committed.
        if ended in keys and goes_on in keys:
            Template.objects.filter(pk=keys[ended]).update(alias_of=keys[goes_on])
    return keys


def _fill(row: Template, found: FoundTemplate) -> Template:
    row.text, row.typed_text = found.text, found.typed_text
    row.categories = list(found.categories)
    return row


def _write_structures(source: Source, draft: SegmentDraft, keys: dict[str, int]) -> None:
    Structure.objects.bulk_create(
        (
            Structure(
                source=source,
                signed_hash=to_signed(structure_hash),
                template_id=keys[new.template],
                spans=new.spans,
                categories=list(new.categories),
            )
            for structure_hash, new in draft.structures.items()
        ),
        batch_size=ROWS_A_STATEMENT,
    )
