"""A segment in the making: the file, and what the catalog will say of it. No row is written.

Scan, annotation, clustering and compression of each block happen here; `seal` commits.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from logplatform.logs import free_text
from logplatform.logs.free_text import FREE_TEXT
from logplatform.logs.models import Structure, to_signed
from logplatform.logs.named_fields import groups_of, named_rows
from logplatform.logs.template_rows import labels_of, labels_of_row, load_rules, meaning_of
from logplatform.logs.template_rules import State
from logplatform.logs.template_texts import inner
from logscan import Level, scan
from logzip import SegmentWriter
from logzip.cluster import cluster, remap_span
from logzip.decoder import raw_table
from valb.views import views

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from logplatform.logs.blocks import Block
    from logplatform.logs.models import Source
    from logplatform.logs.named_fields import Row
    from logplatform.logs.template_rows import Labels
    from logplatform.logs.template_rules import Meaning, Rules
    from logscan import HeaderFormat, RecordBatch, Span
    from logzip import SegmentInfo
    from valb import Annotation, Annotator, Revision, Template

NS_IN_MINUTE = 60_000_000_000
LEVELS = len(Level)
# SQLite takes 32,766 parameters in a statement; this leaves room and costs nothing.
HASHES_A_QUERY = 5000


Spans = list[list[int]]


def as_json(spans: Iterable[Span]) -> Spans:
    """Return spans as the catalog keeps them."""
    return [[s.start_piece, s.start_trim, s.end_piece, s.end_trim] for s in spans]


@dataclass(frozen=True, slots=True)
class NewStructure:
    """A clustered structure that the catalog has not seen, and what it means.

    ``meant`` is what people's edits make of what the model says, where they concern it; spans
    are those of the stored structure.
    """

    template: str  # key
    spans: Spans
    categories: tuple[str, ...]
    named: list[Row]
    meant: tuple[Meaning, ...] = ()


@dataclass(slots=True)
class SegmentDraft:
    """What has been written to a segment so far.

    ``template_of`` has the template's key for each clustered structure met; where the catalog
    knows the structure, what it says wins, so that counts and searches always agree.
    """

    source: Source
    header: HeaderFormat
    annotator: Annotator
    out: BinaryIO
    writer: SegmentWriter = field(init=False)
    lines: int = 0
    previous_ns: int | None = None
    templates: dict[str, Template] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)
    revised: dict[int, Revision] = field(default_factory=dict)
    known_structures: int = field(init=False)
    rules: Rules = field(init=False)
    template_of: dict[int, str] = field(default_factory=dict)
    labels: dict[int, Labels] = field(
        default_factory=dict
    )  # of structures of several templates
    structures: dict[int, NewStructure] = field(default_factory=dict)
    counts: Counter[tuple[str, int, int]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.writer = SegmentWriter(self.out)
        self.known_structures = Structure.objects.filter(source=self.source).count()
        self.rules = load_rules(self.source)

    def add(self, block: Block) -> None:
        """Scan, annotate, cluster and write one block."""
        batch = scan(
            block.data,
            header=self.header,
            received_ns=block.received_ns,
            previous_ns=self.previous_ns,
        )
        annotation = self.annotator.annotate(batch)
        self._note_templates(annotation)
        meant = self._meanings(batch, annotation)
        labels = {index: labels_of(found) for index, found in meant.items()}
        merged, new_structure = cluster(batch, groups_of(annotation, labels))
        if self.writer.add_clustered(merged).is_raw:
            merged = self._as_free_text(merged)
        else:
            self._note_structures(batch, merged, new_structure, annotation, meant)
        self._count(merged)
        self.lines += int(batch.lines.sum())
        if len(batch):
            self.previous_ns = int(batch.time_ns[-1])

    def close(self) -> SegmentInfo:
        """Write the footer."""
        return self.writer.close()

    def _note_templates(self, annotation: Annotation) -> None:
        self.templates.update((template.id, template) for template in annotation.templates)
        self.revised.update(annotation.revised)
        self.templates.update((r.template.id, r.template) for r in annotation.revised.values())
        self.merged.update(annotation.merged)

    def _meanings(
        self, batch: RecordBatch, annotation: Annotation
    ) -> dict[int, tuple[Meaning, ...]]:
        """Return what people's edits make of the structures that they concern."""
        if not self.rules.edits:
            return {}
        found = {
            t.id: State(inner(t.text), tuple(map(str, t.categories)))
            for t in annotation.templates
        }
        ended = {
            key: replace(self.rules.found[key], alias_of=into)
            for key, into in annotation.merged.items()
            if key in self.rules.found
        }
        self.rules = self.rules.with_found({**found, **ended})
        meant: dict[int, tuple[Meaning, ...]] = {}
        for index, number in enumerate(annotation.template.tolist()):
            template = annotation.templates[number]
            if self.rules.concerns(template.id, found[template.id].text):
                view = next(views(batch, [index]))
                spans, codes = annotation.spans[index], found[template.id].categories
                base = meaning_of(template.id, view, spans, codes)
                meant[index] = self.rules.meanings(base)
        return meant

    def _as_free_text(self, batch: RecordBatch) -> RecordBatch:
        """Return the batch as a block that was stored as it is will be read: one structure."""
        table = raw_table()
        structure_hash = int(table.hash[0])
        self.templates[FREE_TEXT.id] = FREE_TEXT
        self._look_up([structure_hash])
        if structure_hash not in self.template_of:
            self.template_of[structure_hash] = FREE_TEXT.id
            self.structures[structure_hash] = NewStructure(FREE_TEXT.id, [], (), [])
        structure = np.zeros(len(batch), dtype=np.int32)
        return replace(batch, structures=table, structure=structure)

    def _note_structures(
        self,
        batch: RecordBatch,
        merged: RecordBatch,
        new_structure: NDArray[np.int32],
        annotation: Annotation,
        meant: dict[int, tuple[Meaning, ...]],
    ) -> None:
        hashes = merged.structures.hash.tolist()
        self._look_up([value for value in hashes if value not in self.template_of])
        order = np.argsort(new_structure, kind="stable")
        _, first = np.unique(new_structure[order], return_index=True)
        for new, members in enumerate(np.split(order, first[1:])):
            old = int(members[0])
            if hashes[new] in self.template_of:
                continue
            if self.known_structures + len(self.structures) >= free_text.MAX_STRUCTURES:
                self.templates[FREE_TEXT.id] = FREE_TEXT
                self.template_of[hashes[new]] = FREE_TEXT.id
                continue
            template = annotation.templates[annotation.template[old]]
            spans, meanings = annotation.spans[old], meant.get(old, ())
            after = merged.structures[new]
            if merged is not batch:
                before = batch.structures[old]
                spans = tuple(remap_span(span, before, after) for span in spans)
                place = partial(remap_span, old=before, new=after)
                meanings = tuple(meaning.moved(place) for meaning in meanings)
            self.template_of[hashes[new]] = meanings[-1].key if meanings else template.id
            if len(meanings) > 1:
                self.labels[hashes[new]] = labels_of(meanings)
            self.structures[hashes[new]] = NewStructure(
                template.id,
                as_json(spans),
                tuple(template.categories),
                named_rows(batch, after, members.tolist(), annotation, spans),
                meanings,
            )

    def _look_up(self, hashes: list[int]) -> None:
        """Take over what the catalog says of structures."""
        signed = [to_signed(value) for value in hashes]
        for low in range(0, len(signed), HASHES_A_QUERY):
            known = Structure.objects.filter(
                source=self.source, signed_hash__in=signed[low : low + HASHES_A_QUERY]
            ).select_related("template")
            for row in known:
                self.template_of[row.hash] = row.template.key
                if row.parts:
                    self.labels[row.hash] = labels_of_row(row)

    def _count(self, batch: RecordBatch) -> None:
        """Count the records by structure, minute and level, then by template."""
        if not len(batch):
            return
        minute = batch.time_ns // NS_IN_MINUTE
        first = int(minute.min())
        minutes = int(minute.max()) - first + 1
        names, which = self._templates(batch)
        key = (which * minutes + (minute - first)) * LEVELS
        distinct, counts = np.unique(key + batch.level, return_counts=True)
        for value, count in zip(distinct.tolist(), counts.tolist(), strict=True):
            rest, level = divmod(value, LEVELS)
            structure, offset = divmod(rest, minutes)
            self.counts[names[structure], first + offset, level] += count

    def _templates(self, batch: RecordBatch) -> tuple[list[str], NDArray[np.int64]]:
        """Return keys of templates, and which of them each record has."""
        hashes = batch.structures.hash.tolist()
        names = [self.template_of[value] for value in hashes]
        which = batch.structure.astype(np.int64)
        for index, value in enumerate(hashes):
            if value in self.labels:
                rows = batch.rows(index)
                numbers, keys = self.labels[value].of(batch, index, rows)
                which[rows] = len(names) + numbers
                names += keys
        return names, which
