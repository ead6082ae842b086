"""Which fields of its own a log has: what the query bar offers. Searching them is elsewhere."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from logplatform.logs.hits import show_bytes
from logplatform.logs.search_fields import DELIMITERS

if TYPE_CHECKING:
    from logplatform.logs.search_scope import BlockOf, Scope

_NAME = rb"([A-Za-z_@][A-Za-z0-9_.@$-]{0,60})"
_KEY = re.compile(
    b"(?:^|[" + re.escape(DELIMITERS) + b"])" + _NAME + b'=|"' + _NAME + rb'"\s*:'
)
MAX_FIELDS = 100


@dataclass(frozen=True, slots=True)
class OwnField:
    """A key or a header's field that records have, and in how many of the newest block."""

    name: str
    records: int


def own_fields(scope: Scope) -> tuple[OwnField, ...]:
    """Return the keys in the newest block of each source, the most frequent first."""
    found: Counter[bytes] = Counter()
    newest = {block.source.pk: block for block in scope.unsealed_blocks()}
    last = {segment.source.pk: segment for segment in scope.segments()}  # in order of ingest
    for pk, segment in last.items():
        if pk not in newest:
            for block in scope.sealed_blocks(segment):
                newest[pk] = block
    for block in newest.values():
        found.update(_keys(block))
    return tuple(OwnField(show_bytes(name), n) for name, n in found.most_common(MAX_FIELDS))


def _keys(block: BlockOf) -> Counter[bytes]:
    batch, catalog = block.load(), block.plan.catalog
    keys: Counter[bytes] = Counter()
    for structure, records in zip(batch.structures, batch.counts().tolist(), strict=True):
        text = structure.text(b"0")
        names = {equals or json for equals, json in _KEY.findall(text)}
        known = catalog.get(structure.hash)
        if known is not None:
            names.update(field.name.encode() for field in known.named)
        keys.update(dict.fromkeys(names, records))
    return keys
