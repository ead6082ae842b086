"""What the catalog knows of a source's records: structure -> template and typed variables.

Read once per committed seal and kept in memory; nothing is written here.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from logplatform.logs.models import Structure, Template
from logplatform.logs.named_fields import KnownField, read_rows
from logscan.batch import Span
from valb.category import Category

if TYPE_CHECKING:
    from logplatform.logs.models import Source

HASH_MASK = (1 << 64) - 1
# A source of 5,000 structures takes some 5 MB, so this is 160 MB at most. Alert rules ask for
# all sources each minute: were fewer kept than there are, each of them would be read anew.
CACHED_STRUCTURES = 160_000
CACHED_CATALOGS = 2_000


@dataclass(frozen=True, slots=True)
class KnownTemplate:
    """A template that is no other's alias; ``categories`` are plain names, in order."""

    pk: int
    key: str
    text: str
    typed_text: str
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


@dataclass(frozen=True)
class Catalog:
    """One source's templates and structures at one state of its annotator.

    ``root`` gives for each template's row the one that it was merged into, often itself.
    """

    source_id: int
    templates: dict[int, KnownTemplate]
    root: dict[int, int]
    structures: dict[int, KnownStructure]

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

    def hashes_of(self, templates: set[int]) -> frozenset[int]:
        """Return the hashes of the structures of some templates."""
        return frozenset(
            known_hash
            for known_hash, known in self.structures.items()
            if known.template.pk in templates
        )


_cache: OrderedDict[tuple[int, int, str], Catalog] = OrderedDict()
_lock = Lock()


def catalog_of(source: Source) -> Catalog:
    """Return a source's catalog at the state that the row names.

    A seal changes ``annotator_version`` and ``annotator_file`` in its own transaction, and the
    file's name is random.
    """
    key = (source.pk, source.annotator_version, source.annotator_file)
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
    known = {pk: _template(rows[pk]) for pk in set(root.values())}
    categories = {pk: _plain_names(row.categories) for pk, row in rows.items()}
    structures = Structure.objects.filter(source=source).values_list(
        "signed_hash", "template_id", "spans", "categories", "named"
    )
    return Catalog(
        source_id=source.pk,
        templates=known,
        root=root,
        structures={
            signed & HASH_MASK: _structure(
                known[root[pk]],
                [Span(*span) for span in spans],
                categories[pk] if len(spans) == len(categories[pk]) else _plain_names(own),
                read_rows(named),
            )
            for signed, pk, spans, own, named in structures.iterator(chunk_size=5000)
        },
    )


def _structure(
    template: KnownTemplate,
    spans: list[Span],
    categories: tuple[str, ...],
    named: tuple[KnownField, ...],
) -> KnownStructure:
    more = [field for field in named if field.category and field.span not in spans]
    return KnownStructure(
        template,
        (*spans, *(field.span for field in more)),
        (*categories, *(field.category for field in more)),
        named,
    )


def _root(pk: int, rows: dict[int, Template]) -> int:
    seen = {pk}
    while (above := rows[pk].alias_of) is not None and above.pk not in seen:
        seen.add(above.pk)
        pk = above.pk
    return pk


def _plain_names(codes: list[str]) -> tuple[str, ...]:
    return tuple(Category(code).plain_name for code in codes)


def _template(row: Template) -> KnownTemplate:
    return KnownTemplate(
        row.pk, row.key, row.text, row.typed_text, _plain_names(row.categories)
    )
