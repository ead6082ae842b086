"""Stand-ins that tests share: each does the real thing's work, more simply and always alike."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import numpy as np
from django.conf import settings
from django.db import transaction

from logplatform.logs import services
from logplatform.logs.blocks import read_accepted
from logplatform.logs.models import Batch, BatchState, Source
from logplatform.logs.seal_commit import Sealed, commit
from logplatform.logs.segment_draft import SegmentDraft
from logscan import Span
from valb import Annotation, Category, Template
from valb.templates import template_id

if TYPE_CHECKING:
    from logscan import RecordBatch, Structure


class SlotAnnotator:
    """Makes each slot of a message a variable whose category the word before it tells.

    Unlike `valb.Annotator` it needs no model, and its categories can be foretold.
    """

    WORDS = (
        (b"took", Category.TDA),
        (b"_ms=", Category.TDA),
        (b"size", Category.CRS),
        (b"status", Category.STC),
        (b"from", Category.LOI),
        (b"user", Category.OID),
        (b"n=", Category.OBA),
    )

    def annotate(self, batch: RecordBatch) -> Annotation:
        """Give the templates of a batch."""
        found = [self._template(structure) for structure in batch.structures]
        distinct = list({template.id: template for template, _ in found}.values())
        ids = [template.id for template in distinct]
        numbers = np.array([ids.index(template.id) for template, _ in found], dtype=np.int32)
        spans = tuple(spans for _, spans in found)
        return Annotation(tuple(distinct), numbers, spans, named=((),) * len(found))

    def _template(self, structure: Structure) -> tuple[Template, tuple[Span, ...]]:
        constants = structure.message_constants()
        categories = tuple(map(self._category, constants[:-1]))
        shown = [part.decode(errors="replace") for part in constants]
        text = "<*>".join(shown)
        typed = shown[0] + "".join(
            f"<{category}>{part}" for category, part in zip(categories, shown[1:], strict=True)
        )
        spans = tuple(Span(2 * at + 1, 0, 2 * at + 1, 0) for at in structure.message_slots())
        return Template(template_id(text), text, typed, categories), spans

    def _category(self, before: bytes) -> Category:
        last = max((before.rfind(word), category) for word, category in self.WORDS)
        return last[1] if last[0] >= 0 else Category.OTP


def seal_now(source: Source) -> None:
    """Seal what a source has accepted into one segment, with a `SlotAnnotator`."""
    source.refresh_from_db()
    accepted = Batch.objects.filter(source=source, state=BatchState.ACCEPTED)
    batches = list(accepted.order_by("number", "id"))
    if not batches:
        return
    header = services.header_format(source)
    assert header is not None
    folder = settings.HOME.segments / str(source.pk)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{secrets.token_hex(8)}.lgz"
    with path.open("xb") as file:
        draft = SegmentDraft(source, header, SlotAnnotator(), file)  # type: ignore[arg-type]
        for block in read_accepted(settings.HOME.wal, batches, header=header):
            draft.add(block)
        info = draft.close()
    with transaction.atomic():
        commit(source, batches, Sealed(path.name, secrets.token_hex(8), draft, info))
    source.refresh_from_db()
