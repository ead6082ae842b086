"""What the catalog knows of a source's records: structure -> template and typed variables.

Read once per committed seal and kept in memory; nothing is written here.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from logplatform.logs import free_text
from logplatform.logs.free_text import FREE_TEXT
from logplatform.logs.models import Structure, Template
from logplatform.logs.named_fields import KnownField, read_rows
from logscan import intern_values, span_values
from logscan.batch import Span
from logzip.conditions import And, Not, Or, StructureIn, Variable
from valb.category import Category

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from logplatform.logs.models import Source
    from logscan import RecordBatch
    from logzip.conditions import Condition

HASH_MASK = (1 << 64) - 1
# A source of 5,000 structures takes some 5 MB, so this is 160 MB at most. Alert rules ask for
# all sources each minute: were fewer kept than there are, each of them would be read anew.
CACHED_STRUCTURES = 160_000
CACHED_CATALOGS = 2_000


@dataclass(frozen=True, slots=True)
class KnownTemplate:
    """A template that is no other's alias; ``categories`` are plain names, in order.

    ``former`` are the keys and texts of those that became this one: a saved search for one of
    them finds what it has become.
    """

    pk: int
    key: str
    text: str
    typed_text: str
    categories: tuple[str, ...]
    name: str = ""
    is_pinned: bool = False
    former: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What people call it."""
        return self.name or self.text


@dataclass(frozen=True, slots=True)
class KnownPart:
    """The records of a structure that a person gave a template of their own, by values."""

    when: tuple[tuple[Span, bytes], ...]
    template: KnownTemplate
    spans: tuple[Span, ...]
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownStructure:
    """What a structure means: its template, its typed variables and its named fields.

    ``spans`` are the template's variables, then the named fields that have a category and are
    none of those: a client's address, a thread. ``named`` has all named fields.
    """

    template: KnownTemplate
    spans: tuple[Span, ...]
    categories: tuple[str, ...]  # parallel to spans
    named: tuple[KnownField, ...] = ()
    parts: tuple[KnownPart, ...] = ()


@dataclass(frozen=True)
class Catalog:
    """One source's templates and structures at one state of its annotator.

    ``root`` gives for each template's row the one that it was merged into, often itself.
    ``rest`` is what all structures are that are not in ``structures``, None while the catalog
    has room: then no segment has such a one.
    """

    source_id: int
    templates: dict[int, KnownTemplate]
    root: dict[int, int]
    structures: dict[int, KnownStructure]
    rest: KnownStructure | None = None

    def get(self, structure_hash: int) -> KnownStructure | None:
        """Return what is known of a structure."""
        return self.structures.get(structure_hash, self.rest)

    @cached_property
    def by_category(self) -> dict[str, frozenset[int]]:
        """The hashes of the structures with a variable of each category."""
        found: dict[str, set[int]] = {category.plain_name: set() for category in Category}
        for known_hash, known in self.structures.items():
            for category in known.categories:
                found[category].add(known_hash)
        return {category: frozenset(hashes) for category, hashes in found.items()}

    @cached_property
    def by_field(self) -> dict[str, frozenset[int]]:
        """The hashes of the structures that have each named field."""
        found: dict[str, set[int]] = {}
        for known_hash, known in self.structures.items():
            for named in known.named:
                found.setdefault(named.name, set()).add(known_hash)
        return {name: frozenset(hashes) for name, hashes in found.items()}

    def condition(self, templates: set[int]) -> Condition:
        """Return the condition on the records of some templates."""
        whole, parts = set(), []
        for known_hash, known in self.structures.items():
            of = [part.template.pk in templates for part in known.parts]
            of.append(known.template.pk in templates)
            if all(of):
                whole.add(known_hash)
            elif any(of):
                parts.append(_of_parts(known_hash, known, templates))
        if self.rest is not None and self.rest.template.pk in templates:
            parts.append(Not(StructureIn(frozenset(self.structures))))
        return (
            Or((StructureIn(frozenset(whole)), *parts))
            if parts
            else StructureIn(frozenset(whole))
        )

    def known(self, batch: RecordBatch, row: int) -> KnownStructure | None:
        """Return what is known of one record: of its part, where its structure has any."""
        index = int(batch.structure[row])
        known = self.get(int(batch.structures.hash[index]))
        if known is None or not known.parts:
            return known
        rows = np.array([row])
        for part in known.parts:
            if has_values(batch, index, part.when, rows)[0]:
                return KnownStructure(part.template, part.spans, part.categories, known.named)
        return known


def _of_parts(known_hash: int, known: KnownStructure, templates: set[int]) -> Condition:
    """Return the condition on those records of a structure that have some templates."""
    wanted: list[Condition] = []
    before: list[Condition] = []
    for part in known.parts:
        values = And(
            tuple(Variable({known_hash: (span,)}, value.__eq__) for span, value in part.when)
        )
        if part.template.pk in templates:
            wanted.append(And((values, *before)))
        before.append(Not(values))
    if known.template.pk in templates:
        wanted.append(And((StructureIn(frozenset({known_hash})), *before)))
    return Or(tuple(wanted))


def has_values(
    batch: RecordBatch,
    structure: int,
    when: Iterable[tuple[Span, bytes]],
    rows: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Say of some records of a structure which have some values, shape (rows,)."""
    found = np.ones(len(rows), bool)
    for span, value in when:
        column = span_values(batch, structure, span, rows)
        first, inverse = intern_values(column.buffer, column.start, column.end)
        found &= np.array([column[at] == value for at in first.tolist()], bool)[inverse]
    return found


_cache: OrderedDict[tuple[int, int, str, int], Catalog] = OrderedDict()
_lock = Lock()


def catalog_of(source: Source) -> Catalog:
    """Return a source's catalog at the state that the row names.

    A seal changes ``annotator_version`` and ``annotator_file`` in its own transaction, and the
    file's name is random; an edit of templates changes ``template_edits`` in its own.
    """
    key = (
        source.pk,
        source.annotator_version,
        source.annotator_file,
        source.template_edits,
    )
    with _lock:
        found = _cache.get(key)
        if found is not None:
            _cache.move_to_end(key)
            return found
    fresh = _load(source)
    with _lock:
        _cache[key] = fresh
        held = sum(len(catalog.structures) for catalog in _cache.values())
        while len(_cache) > 1 and (held > CACHED_STRUCTURES or len(_cache) > CACHED_CATALOGS):
            _, dropped = _cache.popitem(last=False)
            held -= len(dropped.structures)
    return fresh


def _load(source: Source) -> Catalog:
    templates = Template.objects.filter(source=source).select_related("alias_of")
    rows = {row.pk: row for row in templates}
    root = {pk: _root(pk, rows) for pk in rows}
    former: dict[int, list[str]] = {}
    for pk, of in root.items():
        if pk != of:
            former.setdefault(of, []).extend((rows[pk].key, rows[pk].text))
    known = {pk: _template(rows[pk], former.get(pk, ())) for pk in set(root.values())}
    categories = {pk: _plain_names(row.categories) for pk, row in rows.items()}
    structures = Structure.objects.filter(source=source).values_list(
        "signed_hash", "template_id", "spans", "categories", "named", "found", "parts"
    )
    by_hash = {
        signed & HASH_MASK: _structure(
            known[root[pk]],
            [Span(*span) for span in spans],
            categories[pk]
            if found is None and len(spans) == len(categories[pk])
            else _plain_names(own),
            read_rows(named),
            tuple(_part(part, known, root) for part in parts),
        )
        for signed, pk, spans, own, named, found, parts in structures.iterator(chunk_size=5000)
    }
    free = next((pk for pk, row in rows.items() if row.key == FREE_TEXT.id), None)
    rest = None
    if free is not None and len(by_hash) >= free_text.MAX_STRUCTURES:
        rest = _structure(known[root[free]], [], (), (), ())
    return Catalog(
        source_id=source.pk, templates=known, root=root, structures=by_hash, rest=rest
    )


def _part(
    row: dict[str, Any], known: dict[int, KnownTemplate], root: dict[int, int]
) -> KnownPart:
    return KnownPart(
        tuple((Span(*span), value.encode("latin-1")) for span, value in row["when"]),
        known[root[row["template"]]],
        tuple(Span(*span) for span in row["spans"]),
        _plain_names(row["categories"]),
    )


def _structure(
    template: KnownTemplate,
    spans: list[Span],
    categories: tuple[str, ...],
    named: tuple[KnownField, ...],
    parts: tuple[KnownPart, ...],
) -> KnownStructure:
    more = [field for field in named if field.category and field.span not in spans]
    return KnownStructure(
        template,
        (*spans, *(field.span for field in more)),
        (*categories, *(field.category for field in more)),
        named,
        parts,
    )


def _root(pk: int, rows: dict[int, Template]) -> int:
    seen = {pk}
    while (above := rows[pk].alias_of) is not None and above.pk not in seen:
        seen.add(above.pk)
        pk = above.pk
    return pk


def _plain_names(codes: list[str]) -> tuple[str, ...]:
    return tuple(Category(code).plain_name for code in codes)


def _template(row: Template, former: Iterable[str]) -> KnownTemplate:
    return KnownTemplate(
        row.pk,
        row.key,
        row.text,
        row.typed_text,
        _plain_names(row.categories),
        row.name,
        row.is_pinned,
        tuple(former),
    )
