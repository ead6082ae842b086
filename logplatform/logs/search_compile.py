"""From a query's tree to conditions on records: once per source, then once per block.

What a structure's hash means is in the source's catalog; where its variables and fields lie
beside constant text is in the block's own structures. How conditions are evaluated is logzip's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from logplatform.logs import query_tree as tree
from logplatform.logs.judgements import Judgements
from logplatform.logs.search_fields import field_spans, field_values, is_key, whole
from logplatform.logs.units import Unit, unit_around, unit_of_name
from logplatform.logs.values import Between, Compare, Equals, Like, Ranked, record_regex
from logscan.batch import Span
from logzip.conditions import (
    And,
    ComponentIn,
    Condition,
    LevelIn,
    Not,
    Or,
    StructureIn,
    Text,
    TimeRange,
    Variable,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from logplatform.logs.search_catalog import Catalog, KnownTemplate
    from logplatform.logs.values import Predicate, Test
    from logscan.batch import RecordBatch, Structure

# Conditions on the template alone.
TEMPLATE_FIELDS = frozenset({"template", *tree.LABEL_FIELDS})
EVERYTHING = And(())
NOTHING = Or(())
# A block holds most of the frequent structures: asking for more costs more than it saves.
FEW_STRUCTURES = 64


def template_test(
    term: tree.Term, source_id: int, judgements: Judgements
) -> Callable[[KnownTemplate], bool]:
    """Return the test for a template: its id, name, text or typed text, or its labels.

    Those of templates that became it count too.
    """
    predicate = term.test.predicate()
    if term.name in tree.LABEL_FIELDS:
        labels = judgements.of(source_id, term.name)
        if isinstance(term.test, Ranked):
            accepted = term.test.accepted(judgements.order(source_id, term.name))
            return lambda template: labels.get(template.pk) in accepted
        return lambda template: (
            template.pk in labels and predicate(labels[template.pk].encode())
        )

    def passes(template: KnownTemplate) -> bool:
        names = (template.key, template.text, template.typed_text, *template.former)
        named = bool(template.name) and predicate(template.name.encode())
        return named or any(predicate(name.encode()) for name in names)

    return passes


def levels(node: tree.LevelRange) -> frozenset[int]:
    """Return the levels that a level condition names."""
    return frozenset(range(node.low, node.high + 1))


@dataclass
class Plan:
    """A query for one source.

    Parameters
    ----------
    query
        The syntax tree.
    source_name, catalog
        The source and what is known of its records.
    start_ns, end_ns
        The time range, its end not included; None leaves it open.
    judgements
        What the templates have been called.
    """

    query: tree.Node
    source_name: str
    catalog: Catalog
    start_ns: int | None = None
    end_ns: int | None = None
    judgements: Judgements = field(default_factory=Judgements)
    _units: dict[tuple[int, Span], Unit | None] = field(default_factory=dict)

    def prune(self) -> Condition:
        """Return a condition that every hit meets, on what a segment's footer tells."""
        return And((TimeRange(self.start_ns, self.end_ns), self._prune(self.query)))

    def bind(self, batch: RecordBatch) -> Condition:
        """Return the query as a condition on the records of one block."""
        return And((TimeRange(self.start_ns, self.end_ns), self._bind(self.query, batch)))

    def _prune(self, node: tree.Node) -> Condition:
        if isinstance(node, tree.Not) and not _is_exact(node.item):
            # What is only necessary for the item says nothing of its negation.
            return EVERYTHING
        return _combine(node, self._prune) or self._prune_leaf(node)

    def _prune_leaf(self, node: tree.Node) -> Condition:
        match node:
            case tree.Term(own=True):
                return And((self._prune_field(node.name), _texts(node.test)))
            case tree.Term(name="component", test=Equals(value, False)):
                return ComponentIn(frozenset({value}))
            case tree.Term(name=name) if name in tree.CATEGORIES:
                return And((_few(self.catalog.by_category[name]), _texts(node.test)))
            case _:
                return self._plain(node)

    def _prune_field(self, name: str) -> Condition:
        """Return what records with a field hold: its name, or the structure that has it."""
        named = self.catalog.by_field.get(name)
        in_text = _texts(name.encode())
        return in_text if named is None else Or((in_text, _few(named)))

    def _plain(self, node: tree.Node) -> Condition:
        """Return the condition of a leaf that means the same in every block."""
        match node:
            case tree.Phrase(text, ignore_case):
                return Text(text, ignore_case=ignore_case)
            case tree.Regex(regex):
                return record_regex(regex)
            case tree.LevelRange():
                return LevelIn(levels(node))
            case tree.Term(name=name, own=False) if name in TEMPLATE_FIELDS:
                passes = template_test(node, self.catalog.source_id, self.judgements)
                wanted = {pk for pk, known in self.catalog.templates.items() if passes(known)}
                return self.catalog.condition(wanted)
            case tree.Term(name="source", own=False, test=test):
                is_source = test.predicate()(self.source_name.encode())
                return EVERYTHING if is_source else NOTHING
            case _:
                return EVERYTHING

    def _bind(self, node: tree.Node, batch: RecordBatch) -> Condition:
        combined = _combine(node, lambda item: self._bind(item, batch))
        if combined is not None:
            return combined
        match node:
            case tree.Term(own=True):
                return Or((bind_field(node, batch), self._bind_named(node, batch)))
            case tree.Term(name="component", test=test):
                passes = test.predicate()
                return ComponentIn(frozenset(filter(passes, batch.components)))
            case tree.Term(name=name) if name in tree.CATEGORIES:
                return self._bind_category(name, node.test, batch)
            case _:
                return self._plain(node)

    def _bind_named(self, term: tree.Term, batch: RecordBatch) -> Condition:
        """Return the condition on a field that the header names: its key is not in the text."""
        hashes = self.catalog.by_field.get(term.name, frozenset())
        found: dict[int, tuple[Span, ...]] = {}
        for known_hash in hashes.intersection(batch.structures.hash.tolist()):
            known = self.catalog.structures[known_hash]
            found[known_hash] = tuple(f.span for f in known.named if f.name == term.name)
        return Variable(found, term.test.predicate(unit_of_name(term.name)))

    def _bind_category(self, category: str, test: Test, batch: RecordBatch) -> Condition:
        """Return the condition on the variables of a category, one part for each unit."""
        hashes = self.catalog.by_category[category]
        by_unit: dict[Unit | None, dict[int, tuple[Span, ...]]] = {}
        for index, known_hash in enumerate(batch.structures.hash.tolist()):
            if known_hash not in hashes:
                continue
            known = self.catalog.structures[known_hash]
            for name, span in zip(known.categories, known.spans, strict=True):
                if name != category:
                    continue
                unit, wider = None, span
                if isinstance(test, Compare | Between):
                    structure = batch.structures[index]
                    unit = self.unit(structure, span)
                    wider = _with_suffix(span, test)
                spans = by_unit.setdefault(unit, {})
                spans[known_hash] = (*spans.get(known_hash, ()), wider)
        parts = [Variable(spans, test.predicate(unit)) for unit, spans in by_unit.items()]
        return Or(tuple(parts))

    def unit(self, structure: Structure, span: Span) -> Unit | None:
        """Return the unit that a span's field or the text around it names, None without one."""
        key = (structure.hash, span)
        if key not in self._units:
            known = self.catalog.structures.get(structure.hash)
            names = (f.name for f in known.named if f.span == span) if known else ()
            named = next(filter(None, map(unit_of_name, names)), None)
            self._units[key] = named or unit_around(*_around(structure, span))
        return self._units[key]


def _few(hashes: frozenset[int]) -> Condition:
    """Return a condition on structures worth asking a footer for."""
    return StructureIn(hashes) if len(hashes) <= FEW_STRUCTURES else EVERYTHING


def _combine(node: tree.Node, part: Callable[[tree.Node], Condition]) -> Condition | None:
    """Return the condition of a node that has others in it, None for a leaf."""
    match node:
        case tree.And(items):
            return And(tuple(map(part, items)))
        case tree.Or(items):
            return Or(tuple(map(part, items)))
        case tree.Not(item):
            return Not(part(item))
        case _:
            return None


def _is_exact(node: tree.Node) -> bool:
    """Say whether `Plan.prune` gives the very condition, not only a necessary one."""
    return all(
        not isinstance(leaf, tree.Term)
        or (not leaf.own and leaf.name in {"source", *TEMPLATE_FIELDS})
        for leaf in tree.leaves(node)
    )


def bind_field(term: tree.Term, batch: RecordBatch) -> Condition:
    """Return the condition on a log's own field, for the structures of one block."""
    name = term.name.encode()
    passes = term.test.predicate(unit_around(name + b"=", b""))
    values: dict[int, tuple[Span, ...]] = {}
    keys: dict[int, tuple[Span, ...]] = {}
    records: dict[int, tuple[Span, ...]] = {}
    for structure in batch.structures:
        found = field_spans(structure, name)
        records[structure.hash] = (whole(structure),)
        if not found.certain:
            keys[structure.hash] = records[structure.hash]
        elif found.keys:
            keys[structure.hash] = found.keys
        if found.certain and found.values:
            values[structure.hash] = found.values
    in_slots = Variable(keys, lambda value: is_key(value, name))
    in_records = Variable(records, _record_test(name, passes))
    by_structure = Variable(values, passes)
    return Or((And((in_slots, in_records)), And((Not(in_slots), by_structure))))


def _record_test(name: bytes, passes: Predicate) -> Predicate:
    return lambda record: any(passes(value) for value in field_values(record, name))


def _texts(*needles: bytes | Test) -> Condition:
    """Return what records must hold when a value in them passes a test."""
    found: list[bytes] = []
    for needle in needles:
        match needle:
            case bytes():
                found.append(needle)
            case Equals(value, False):
                found.append(value)
            case Like(pattern):
                found.extend(pattern.split(b"*"))
            case _:
                pass
    return And(tuple(Text(text) for text in found if text and b"\n" not in text))


def _with_suffix(span: Span, test: Compare | Between) -> Span:
    """Take in the rest of the last slot where a unit is asked for: ``150`` of ``150ms``."""
    bound = test.bound if isinstance(test, Compare) else test.low
    if bound.unit is None or span.end_piece % 2 == 0 or span.end_trim == 0:
        return span
    return Span(span.start_piece, span.start_trim, span.end_piece, 0)


def _around(structure: Structure, span: Span) -> tuple[bytes, bytes]:
    """Return the constant text beside a span, as far as the structure knows it.

    Where a slot touches that text a digit stands for it, so that the end of a longer word is
    not taken for a unit.
    """
    first, is_slot = divmod(span.start_piece, 2)
    before = structure.constants[first]
    if not is_slot:
        before = before[: span.start_trim]
    elif span.start_trim:
        before = b""
    last, is_slot = divmod(span.end_piece, 2)
    after = structure.constants[last + is_slot]
    if not is_slot:
        after = after[len(after) - span.end_trim :]
    if first > 0:
        before = b"0" + before
    if last + is_slot < len(structure.kinds):
        after += b"0"
    return before, after
