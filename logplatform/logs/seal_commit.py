"""The one transaction of a seal: everything that the catalog says of a new segment.

Callers open the transaction. The file is durable before, so the commit alone decides.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db.models import F

from logplatform.logs.errors import EditedMeanwhileError, LeaseLostError
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
from logplatform.logs.segment_draft import HASHES_A_QUERY, as_json
from logplatform.logs.template_rows import load_rules, write_states, write_structure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logplatform.logs.segment_draft import NewStructure, SegmentDraft
    from logzip import SegmentInfo
    from valb import Template as FoundTemplate

ROWS_A_STATEMENT = 2000
BATCHES_AN_UPDATE = 500  # a CASE with three parameters for each; SQLite's expressions nest 1000


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
    EditedMeanwhileError
        A person edited templates since; the segment has to be made again.
    """
    _take_turn(source, sealed.annotator_file)
    segment = _create_segment(source, sealed)
    keys = _write_templates(source, sealed.draft)
    _write_structures(source, sealed.draft, keys)
    _revise_structures(source, sealed.draft, keys)
    _write_counts(segment, sealed.draft, keys)
    _mark_sealed(source, segment, batches)


def _mark_sealed(source: Source, segment: Segment, batches: list[Batch]) -> None:
    """Say of each batch where its lines begin in the segment.

    Raises
    ------
    LeaseLostError
        A batch is not waiting any more.
    """
    ids = [batch.pk for batch in batches]
    marked = Batch.objects.filter(pk__in=ids, state=BatchState.ACCEPTED).update(
        state=BatchState.SEALED, segment=segment, sealed=datetime.now(tz=UTC)
    )
    if marked != len(batches):
        raise LeaseLostError(f"source {source.name}: {len(batches) - marked} batches are gone")
    line = 0
    for batch in batches:
        batch.first_line, line = line, line + batch.lines
    Batch.objects.bulk_update(batches, ["first_line"], batch_size=BATCHES_AN_UPDATE)


def _take_turn(source: Source, annotator_file: str) -> None:
    """Raise the version, which no other seal of the source can do as well."""
    same = Source.objects.filter(pk=source.pk, annotator_version=source.annotator_version)
    won = same.filter(template_edits=source.template_edits).update(
        annotator_version=F("annotator_version") + 1, annotator_file=annotator_file
    )
    if not won and same.exists():
        raise EditedMeanwhileError(f"source {source.name}: templates were edited meanwhile")
    if not won:
        raise LeaseLostError(f"source {source.name}: sealed by another worker meanwhile")


def _create_segment(source: Source, sealed: Sealed) -> Segment:
    info = sealed.info
    return Segment.objects.create(
        source=source,
        path=f"{source.pk}/{sealed.file}",
        sequence=source.annotator_version,
        blocks=info.n_blocks,
        first_record=_records_so_far(source),
        records=info.n_records,
        lines=sealed.draft.lines,
        raw_bytes=info.raw_bytes,
        stored_bytes=info.stored_bytes,
        time_min_ns=info.time_min_ns,
        time_max_ns=info.time_max_ns,
        levels={str(level): n for level, n in enumerate(info.levels) if n},
    )


def _records_so_far(source: Source) -> int:
    last = Segment.objects.filter(source=source).order_by("sequence").last()
    return last.first_record + last.records if last else 0


def _write_templates(source: Source, draft: SegmentDraft) -> dict[str, int]:
    """Create new templates, change those that generalised; return the row of each key.

    A template that was found and ended within this seal has no row: its key leads to the row
    of the one that goes on.
    """
    rows = {row.key: row for row in Template.objects.filter(source=source)}
    new = [
        _fill(Template(source=source, key=key), found)
        for key, found in draft.templates.items()
        if key not in rows and key not in draft.merged
    ]
    Template.objects.bulk_create(new, batch_size=ROWS_A_STATEMENT)
    changed = [
        _fill(rows[key], found)
        for key, found in draft.templates.items()
        if key in rows and _typed_text(rows[key]) != found.typed_text
    ]
    Template.objects.bulk_update(
        changed, ["text", "typed_text", "categories", "found"], batch_size=ROWS_A_STATEMENT
    )
    keys = dict(Template.objects.filter(source=source).values_list("key", "pk"))
    for ended in draft.merged:
        goes_on = keys[_last(draft.merged, ended)]
        if ended not in keys:
            keys[ended] = goes_on
        elif ended in rows and (said := rows[ended].found) is not None:
            said["alias_of"] = goes_on
            rows[ended].save(update_fields=["found"])
        else:
            Template.objects.filter(pk=keys[ended]).update(alias_of=goes_on)
    if draft.rules.edits and (new or changed or draft.merged):
        write_states(source, load_rules(source), {})
    return keys


def _typed_text(row: Template) -> str:
    """Return what the model last said of a template."""
    return row.typed_text if row.found is None else str(row.found["typed_text"])


def _last(merged: dict[str, str], key: str) -> str:
    """Return the template that a chain of merges ends in."""
    while key in merged:
        key = merged[key]
    return key


def _fill(row: Template, found: FoundTemplate) -> Template:
    """Take over what the model says; where a person said something else, for later."""
    said = {"text": found.text, "typed_text": found.typed_text}
    if row.found is not None:
        row.found |= said | {"categories": list(found.categories)}
        return row
    row.text, row.typed_text = found.text, found.typed_text
    row.categories = list(found.categories)
    return row


def _write_structures(source: Source, draft: SegmentDraft, keys: dict[str, int]) -> None:
    Structure.objects.bulk_create(
        (
            _structure(source, structure_hash, new, keys)
            for structure_hash, new in draft.structures.items()
        ),
        batch_size=ROWS_A_STATEMENT,
    )


def _structure(
    source: Source, structure_hash: int, new: NewStructure, keys: dict[str, int]
) -> Structure:
    row = Structure(
        source=source,
        signed_hash=to_signed(structure_hash),
        template_id=keys[new.template],
        spans=new.spans,
        categories=list(new.categories),
        named=new.named,
    )
    if new.meant:
        write_structure(row, new.meant, keys)
    return row


def _revise_structures(source: Source, draft: SegmentDraft, keys: dict[str, int]) -> None:
    """Give structures of earlier segments the variables that their template has now.

    Only where the template stayed the same one: else the counts of those segments would no
    longer be those of what a search for the template finds. Structures that clustering made
    keep the variables they had; their own categories tell what those are.
    """
    revisions = {to_signed(value): revision for value, revision in draft.revised.items()}
    changed = []
    for row in _structures(source, list(revisions)):
        revision = revisions[row.signed_hash]
        template = keys[revision.template.id]
        if row.found is not None:
            # A person's word stands; what the model says now counts once that is undone.
            if row.found["template"] == template:
                row.found["spans"] = as_json(revision.spans)
                row.found["categories"] = list(revision.template.categories)
                changed.append(row)
        elif row.template_id == template:
            row.spans = as_json(revision.spans)
            row.categories = list(revision.template.categories)
            changed.append(row)
    Structure.objects.bulk_update(
        changed, ["spans", "categories", "found"], batch_size=ROWS_A_STATEMENT
    )


def _structures(source: Source, signed: list[int]) -> Iterator[Structure]:
    for low in range(0, len(signed), HASHES_A_QUERY):
        yield from Structure.objects.filter(
            source=source, signed_hash__in=signed[low : low + HASHES_A_QUERY]
        )


def _write_counts(segment: Segment, draft: SegmentDraft, keys: dict[str, int]) -> None:
    counts: Counter[tuple[int, int, int]] = Counter()
    for (key, minute, level), count in draft.counts.items():
        counts[keys[key], minute, level] += count
    TemplateCount.objects.bulk_create(
        (
            TemplateCount(
                source_id=segment.source_id,
                segment=segment,
                template_id=template,
                minute=minute,
                level=level,
                count=count,
            )
            for (template, minute, level), count in counts.items()
        ),
        batch_size=ROWS_A_STATEMENT,
    )
