"""A source's sealed records as `glad` wants them: columns out of segments, never text again.

The catalog says what a stored structure means; its spans and categories stand in for what
`valb` said when the lines were sealed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glad import Events, join_events, read_events, take_events
from logplatform.detection.lines import blocks_between
from valb import Annotation, Category, Template

if TYPE_CHECKING:
    from logplatform.logs.models import Source
    from logplatform.logs.search_catalog import Catalog
    from logplatform.logs.search_scope import BlockOf
    from logscan import RecordBatch
    from logscan.batch import Span

CODES = {category.plain_name: category for category in Category}
# A structure that the catalog lacks is one that no template was found for.
NO_TEMPLATE = "0" * 16


def read_history(source: Source, low: int, high: int) -> Events | None:
    """Return the columns of the sealed records ``low`` to ``high``; None where there are none.

    ``Events.row`` numbers them as their source does.
    """
    parts = [_part(block, low, high) for block in blocks_between(source, low, high)]
    # Joined even when it is one: templates that stand twice in a block become one.
    return join_events([*parts, _none_of(parts[0])]) if parts else None


def _part(block: BlockOf, low: int, high: int) -> Events:
    batch = block.load()
    events = read_events(batch, annotation_of(batch, block.plan.catalog), first_row=block.first)
    if block.first >= low and block.first + block.records <= high:
        return events
    return take_events(events, np.flatnonzero((events.row >= low) & (events.row < high)))


def _none_of(events: Events) -> Events:
    return take_events(events, np.zeros(0, np.int64))


def annotation_of(batch: RecordBatch, catalog: Catalog) -> Annotation:
    """Return what the catalog knows of a stored batch's structures.

    A template stands once for each list of categories that its structures have: named fields
    of the header are variables of some structures only.
    """
    numbers: dict[Template, int] = {}
    template = np.zeros(len(batch.structures), np.int32)
    spans: list[tuple[Span, ...]] = []
    for index, structure_hash in enumerate(batch.structures.hash.tolist()):
        known = catalog.structures.get(structure_hash)
        found = Template(NO_TEMPLATE, "", "", ())
        if known is not None:
            codes = tuple(CODES[name] for name in known.categories)
            meant = known.template
            found = Template(meant.key, meant.text, meant.typed_text, codes)
        spans.append(known.spans if known else ())
        template[index] = numbers.setdefault(found, len(numbers))
    return Annotation(tuple(numbers), template, tuple(spans))
