"""What people's edits mean: from what the model found to what holds. Pure; no row is read.

The edits of a source are played over what the model found, in order, so that undoing one in
the middle leaves what the others say. Texts have one character a byte.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from logplatform.logs.models import TemplateEditKind as Kind
from logplatform.logs.template_texts import counterpart, fits, place_of, with_value
from valb.labels import MARKER
from valb.structures import Known, align
from valb.variables import NO_SCORES, Variable, render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from logscan.batch import Span
    from valb.views import View


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit in force. ``details`` are those of `TemplateEdit`, texts as inner ones."""

    kind: Kind
    key: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class State:
    """What a template is: its text, its variables' categories, the one it became."""

    text: str
    categories: tuple[str, ...]
    alias_of: str | None = None
    name: str = ""
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """A variable of a structure: where it lies in the view's text and in the structure."""

    start: int
    end: int
    span: Span
    category: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a structure means, or those of its records that have some values (``when``)."""

    key: str
    view: View
    variables: tuple[Stretch, ...]
    when: tuple[tuple[Span, str], ...] = ()

    def moved(self, place: Callable[[Span], Span]) -> Meaning:
        """Return it with spans of another structure; its view stays that of this one."""
        return replace(
            self,
            variables=tuple(replace(v, span=place(v.span)) for v in self.variables),
            when=tuple((place(span), value) for span, value in self.when),
        )

    def _stretches(self) -> list[Variable]:
        return [Variable(v.start, v.end, NO_SCORES) for v in self.variables]

    def text(self) -> str:
        """Render its template."""
        return render(self.view, self._stretches())

    def origins(self) -> tuple[list[int], list[int]]:
        """Return where each character of its text starts and ends in the view."""
        known = Known(0, self.view)
        known.settle(self._stretches())
        return known.origins()


@dataclass(slots=True)
class Rules:
    """The edits of a source that are in force, and what templates are by them.

    Parameters
    ----------
    edits
        In the order in which they were made.
    found
        What the model found, by key.

    Attributes
    ----------
    states
        What holds, by key.
    keys
        The templates that edits are about.
    """

    edits: tuple[Edit, ...]
    found: dict[str, State]
    states: dict[str, State] = field(init=False)
    keys: set[str] = field(init=False)
    _aliases: list[dict[str, str]] = field(init=False)  # before each edit

    def __post_init__(self) -> None:
        self.states = dict(self.found)
        self.keys = set()
        self._aliases = []
        for edit in self.edits:
            self.keys |= keys_of(edit)
            self._aliases.append(self._alias_map())
            self._change(edit)
        # What the model has made of a pinned template takes its lines from now on.
        self.keys |= {self._ended(edit) for edit in self.edits if edit.kind is Kind.PIN}

    def _alias_map(self) -> dict[str, str]:
        return {k: s.alias_of for k, s in self.states.items() if s.alias_of is not None}

    def with_found(self, found: Mapping[str, State]) -> Rules:
        """Return the rules where the model has found more since."""
        if not self.edits or all(self.found.get(k) == state for k, state in found.items()):
            return self
        return Rules(self.edits, {**self.found, **found})

    def root(self, key: str) -> str:
        """Return the template that one has become."""
        return _root(key, self._alias_map())

    def concerns(self, key: str, text: str) -> bool:
        """Say whether an edit may change what a structure of a template means."""
        if not self.edits:
            return False
        if key in self.keys or _root(key, self._aliases[0]) in self.keys:
            return True
        return any(
            fits(text, edit.details["general"])
            for edit in self.edits
            if edit.details.get("general")
        )

    def meanings(self, base: Meaning) -> tuple[Meaning, ...]:
        """Return what a structure means, by its values; the last one holds for any other."""
        found = [base]
        for edit, aliases in zip(self.edits, self._aliases, strict=True):
            ended = self._ended(edit) if edit.kind is Kind.PIN else edit.key
            found = [
                new
                for old in found
                for new in _apply(edit, old, _root(old.key, aliases), ended)
            ]
        return tuple(found)

    def _ended(self, edit: Edit) -> str:
        """Return what the model would have made of an edit's template."""
        return _root(edit.key, self._aliases[0])

    def _change(self, edit: Edit) -> None:
        """Do an edit to the templates' texts."""
        state = self.states.get(edit.key)
        if state is None:
            return
        match edit.kind:
            case Kind.RENAME:
                self.states[edit.key] = replace(state, name=edit.details["name"])
            case Kind.PIN:
                self._pin(edit, state)
            case Kind.CATEGORY:
                self._set_category(edit, state)
            case Kind.VARIABLE | Kind.MERGE:
                self._generalise(edit, state)
            case Kind.CONSTANT:
                self._split(edit, state)
            case Kind.SEPARATE:
                self.states[edit.key] = replace(state, alias_of=None)

    def _pin(self, edit: Edit, state: State) -> None:
        text, categories = edit.details["text"], tuple(edit.details["categories"])
        self.states[edit.key] = replace(
            state, text=text, categories=categories, alias_of=None, is_pinned=True
        )

    def _set_category(self, edit: Edit, state: State) -> None:
        categories = list(state.categories)
        wanted = edit.details
        for place in counterpart(wanted["text"], wanted["variable"], state.text):
            categories[place] = wanted["category"]
        self.states[edit.key] = replace(state, categories=tuple(categories))

    def _generalise(self, edit: Edit, state: State) -> None:
        general = edit.details["general"]
        if general and align(state.text, general) is not None:
            categories = tuple(edit.details["categories"])
            self.states[edit.key] = replace(
                state, text=general, categories=categories, alias_of=None
            )
        for key, other in self.states.items():
            if key == edit.key or other.alias_of is not None:
                continue
            if key in edit.details["keys"] or (general and fits(other.text, general)):
                self.states[key] = replace(other, alias_of=edit.key)

    def _split(self, edit: Edit, state: State) -> None:
        wanted = edit.details
        places = counterpart(wanted["text"], wanted["variable"], state.text)
        if len(places) != 1:
            return
        left = tuple(c for k, c in enumerate(state.categories) if k != places[0])
        if wanted["rest"]:
            self.states[wanted["rest"]] = State(state.text, state.categories)
        for value, key in wanted["values"].items():
            text = with_value(state.text, places[0], value)
            before = state if key == edit.key else State(text, left)
            self.states[key] = replace(before, text=text, categories=left)


def keys_of(edit: Edit) -> set[str]:
    """Return the templates that an edit is about, those that it made included."""
    found = {edit.key, *edit.details.get("keys", ())}
    found.update(edit.details.get("values", {}).values())
    found.add(edit.details.get("rest") or edit.key)
    return found


def related(edits: Iterable[Edit], keys: set[str]) -> set[str]:
    """Return all templates that edits tie to some, some included."""
    groups = [keys_of(edit) for edit in edits]
    found = set(keys)
    while True:
        more = {key for group in groups if group & found for key in group} - found
        if not more:
            return found
        found |= more


def _root(key: str, aliases: Mapping[str, str]) -> str:
    seen = {key}
    while key in aliases and aliases[key] not in seen:
        key = aliases[key]
        seen.add(key)
    return key


def _apply(edit: Edit, old: Meaning, root: str, ended: str) -> Iterator[Meaning]:
    """Yield what an edit makes of a meaning; ``ended`` is what its own template became."""
    match edit.kind:
        case Kind.CATEGORY if root == edit.key:
            yield _with_category(edit, old)
        case Kind.VARIABLE | Kind.MERGE:
            yield _generalised(edit, old, root)
        case Kind.CONSTANT if root == edit.key:
            yield from _divided(edit, old)
        case Kind.PIN if edit.key != root == ended and fits(old.text(), edit.details["text"]):
            yield replace(old, key=edit.key)
        case _:
            yield old


def _with_category(edit: Edit, old: Meaning) -> Meaning:
    wanted = edit.details
    places = place_of(wanted["text"], wanted["variable"], old.text())
    variables = tuple(
        replace(v, category=wanted["category"]) if k in places else v
        for k, v in enumerate(old.variables)
    )
    return replace(old, variables=variables)


def _generalised(edit: Edit, old: Meaning, root: str) -> Meaning:
    general, text = edit.details["general"], old.text()
    is_named = root == edit.key or root in edit.details["keys"]
    if not general or not (is_named or fits(text, general)):
        return old
    places = align(text, general)
    if places is None:
        return old
    starts, ends = old.origins()
    variables = []
    for (low, high), category in zip(places, edit.details["categories"], strict=True):
        start = ends[low - 1] if low == high else starts[low]
        end = start if low == high else ends[high - 1]
        same = [v for v in old.variables if (v.start, v.end) == (start, end)]
        if same and text[low:high] == MARKER:
            kept = same[0].category if root == edit.key else category
            variables.append(replace(same[0], category=kept))
        else:
            variables.append(Stretch(start, end, old.view.span(start, end), category))
    return replace(old, variables=tuple(variables))


def _divided(edit: Edit, old: Meaning) -> Iterator[Meaning]:
    """Yield a meaning for each value of a variable that gets a template of its own."""
    wanted = edit.details
    places = place_of(wanted["text"], wanted["variable"], old.text())
    rest = wanted["rest"] or old.key
    if len(places) != 1:
        yield replace(old, key=rest)
        return
    variable = old.variables[places[0]]
    left = tuple(v for v in old.variables if v is not variable)
    span = variable.span
    if span.start_piece == span.end_piece and span.start_piece % 2 == 0:
        value = old.view.text[variable.start : variable.end]
        if value in wanted["values"]:
            yield replace(old, key=wanted["values"][value], variables=left)
        else:
            yield replace(old, key=rest)
        return
    for value, key in wanted["values"].items():
        yield _where(replace(old, key=key, variables=left), variable, value)
    yield replace(old, key=rest)


def _where(old: Meaning, variable: Stretch, value: str) -> Meaning:
    """Put a value into a meaning's text: it is then that of the records that have it."""
    view, start, end = old.view, variable.start, variable.end
    grown = len(value) - (end - start)

    def moved(place: int) -> int:
        if place <= start:
            return place
        return place + grown if place >= end else min(place, start + len(value))

    text = view.text[:start] + value + view.text[end:]
    variables = tuple(
        Stretch(moved(v.start), moved(v.end), v.span, v.category) for v in old.variables
    )
    return replace(
        old,
        view=replace(view, text=text, edges=tuple(map(moved, view.edges))),
        variables=variables,
        when=(*old.when, (variable.span, value)),
    )
