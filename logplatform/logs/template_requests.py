"""What a person may ask to be done to a template, checked and made an edit. No row is written.

Each function takes the source as it is when the edit is made, and gives what
`template_edits.make_edit` does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from logplatform.logs.errors import InvalidEditError
from logplatform.logs.models import Structure, Template, TemplateEdit, TemplateEditKind
from logplatform.logs.template_reading import segments_of, values_of, views_of
from logplatform.logs.template_rows import meaning_of
from logplatform.logs.template_rules import Edit
from logplatform.logs.template_texts import (
    common_text,
    counterpart,
    fits,
    inner,
    markers,
    place_of,
    with_variable,
)
from logscan.batch import Span
from valb.category import CATEGORIES, Category
from valb.labels import MARKER
from valb.templates import template_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logplatform.logs.models import Source

Kind = TemplateEditKind

NAME_CHARS = 200
# Each value becomes a template: more of them are an identifier and no kind of event.
MAX_VALUES = 50
MAX_MERGED = 100
_WORD = re.compile(r"[^\s]+")


def current(source: Source, key: str) -> Template:
    """Return a template that is no other's alias."""
    row = Template.objects.filter(source=source, key=key).first()
    if row is None:
        raise InvalidEditError(f"no template {key} in {source.name}")
    if row.alias_of_id is not None:
        above = row.alias_of
        raise InvalidEditError(f"template {key} has become {above.key if above else 'another'}")
    return row


@dataclass(frozen=True, slots=True)
class Rename:
    """Call a template something; an empty name takes the name away."""

    key: str
    name: str

    def __call__(self, source: Source) -> Edit:
        """Check, and return the edit."""
        row = current(source, self.key)
        name = self.name.strip()
        if len(name) > NAME_CHARS or not name.isprintable():
            raise InvalidEditError(f"a name has at most {NAME_CHARS} characters, on one line")
        if (
            name
            and Template.objects.filter(source=source, name=name).exclude(pk=row.pk).exists()
        ):
            raise InvalidEditError(f"another template is called {name}")
        return Edit(Kind.RENAME, self.key, {"name": name, "before": row.name})


@dataclass(frozen=True, slots=True)
class Pin:
    """Keep a template as it is: the model neither rewrites nor ends it."""

    key: str

    def __call__(self, source: Source) -> Edit:
        """Check, and return the edit."""
        row = current(source, self.key)
        if row.is_pinned:
            raise InvalidEditError("the template is pinned already")
        details = {"text": inner(row.text), "categories": row.categories}
        return Edit(Kind.PIN, self.key, details)


@dataclass(frozen=True, slots=True)
class SetCategory:
    """Say what a variable means; variables are numbered from 0."""

    key: str
    variable: int
    category: str

    def __call__(self, source: Source) -> Edit:
        """Check, and return the edit."""
        row = current(source, self.key)
        before = _variable(row, self.variable)
        category = code_of(self.category)
        if category == before:
            raise InvalidEditError(f"the variable is {self.category} already")
        return Edit(
            Kind.CATEGORY,
            self.key,
            {
                "text": inner(row.text),
                "variable": self.variable,
                "category": category,
                "before": before,
            },
        )


@dataclass(frozen=True, slots=True)
class MakeVariable:
    """Turn a stretch of a template's text into a variable: ``start`` to ``end``, characters."""

    key: str
    start: int
    end: int
    category: str

    def __call__(self, source: Source) -> Edit:
        """Check, and return the edit."""
        row = current(source, self.key)
        if not 0 <= self.start < self.end <= len(row.text):
            raise InvalidEditError("the stretch is not in the template's text")
        text = inner(row.text)
        start, end = len(inner(row.text[: self.start])), len(inner(row.text[: self.end]))
        word = text[start:end]
        if word != word.strip() or "\0" in word:
            raise InvalidEditError("a variable neither begins nor ends with a blank")
        inside = [
            k for k, at in enumerate(markers(text)) if start < at + len(MARKER) and at < end
        ]
        for k in inside:
            at = markers(text)[k]
            if at < start or at + len(MARKER) > end or (start, end) == (at, at + len(MARKER)):
                raise InvalidEditError("the stretch cuts a variable, or is one already")
        general = with_variable(text, start, end)
        if 2 * MARKER in general:
            raise InvalidEditError("two variables would touch; take both into the stretch")
        if not general.replace(MARKER, "").strip():
            raise InvalidEditError("a template keeps some constant text")
        category = code_of(self.category)
        first = sum(at < start for at in markers(text))
        categories = [*row.categories]
        categories[first : first + len(inside)] = [category]
        taken = _others(source, row, general)
        return Edit(
            Kind.VARIABLE,
            self.key,
            {
                "text": text,
                "general": general,
                "categories": categories,
                "keys": [other.key for other in taken],
                "word": word,
                "category": category,
            },
        )


def _others(source: Source, row: Template, general: str) -> list[Template]:
    """Return the templates that are this one too once a word of it varies."""
    rows = Template.objects.filter(source=source, alias_of=None).exclude(pk=row.pk)
    return [other for other in rows if fits(inner(other.text), general)]


@dataclass(frozen=True, slots=True)
class MakeConstant:
    """Make a variable constant text: a template for each of its values, or for some."""

    key: str
    variable: int
    values: tuple[str, ...] = ()  # as shown; none: all there are

    def __call__(self, source: Source) -> Edit:
        """Check, and return the edit."""
        row = current(source, self.key)
        _variable(row, self.variable)
        text = inner(row.text)
        found = distinct_values(source, row, self.variable)
        wanted = {inner(value) for value in self.values} or set(found)
        if unknown := sorted(wanted - set(found)):
            raise InvalidEditError(f"the variable has no value {unknown[0]!r}")
        if len(wanted) > MAX_VALUES:
            raise InvalidEditError(
                f"the variable has more than {MAX_VALUES} values; choose those that are"
                " kinds of events of their own"
            )
        if any(not value or "\0" in value or MARKER in value for value in wanted):
            raise InvalidEditError("an empty value cannot be constant text")
        # Edits that came and went count too, so that an id never means two things.
        past = TemplateEdit.objects.filter(source=source).count()
        if len(found) == 1:
            values = dict.fromkeys(wanted, self.key)
            rest = template_id(f"{self.key} {past} rest")
        else:
            values = {v: template_id(f"{self.key} {past} {v}") for v in sorted(wanted)}
            rest = ""
        return Edit(
            Kind.CONSTANT,
            self.key,
            {
                "text": text,
                "variable": self.variable,
                "values": values,
                "rest": rest,
                "before": row.categories[self.variable],
            },
        )


@dataclass(frozen=True, slots=True)
class Merge:
    """Make one template of several. ``generalise`` puts variables where their words differ."""

    key: str
    others: tuple[str, ...]
    generalise: bool = True

    def __call__(self, source: Source) -> Edit:
        """Check, and return the edit."""
        row = current(source, self.key)
        keys = [key for key in dict.fromkeys(self.others) if key != self.key]
        if not 1 <= len(keys) <= MAX_MERGED:
            raise InvalidEditError(f"choose 1 to {MAX_MERGED} other templates")
        rows = [row, *(current(source, key) for key in keys)]
        general, categories = "", list(row.categories)
        if self.generalise:
            general = common_text([inner(other.text) for other in rows])
            if not general.replace(MARKER, "").strip() or 2 * MARKER in general:
                raise InvalidEditError("the templates have too little in common for one text")
            categories = list(_common_categories(rows, general))
        return Edit(
            Kind.MERGE,
            self.key,
            {
                "text": inner(row.text),
                "general": general,
                "categories": categories,
                "keys": keys,
            },
        )


def _common_categories(rows: Sequence[Template], general: str) -> Iterator[str]:
    """Yield the category of each variable of a text that templates have in common."""
    for place in range(len(markers(general))):
        found = [
            row.categories[k]
            for row in rows
            for k in counterpart(general, place, inner(row.text))
        ]
        yield found[0] if found else str(Category.OTP)


@dataclass(frozen=True, slots=True)
class Separate:
    """Take a template out of the one that the model has merged it into."""

    key: str

    def __call__(self, source: Source) -> Edit:
        """Check, and return the edit."""
        row = Template.objects.filter(source=source, key=self.key).first()
        if row is None or row.alias_of is None:
            raise InvalidEditError(f"template {self.key} is in no other one")
        if row.is_made or (row.found is not None and row.found["alias_of"] is None):
            raise InvalidEditError("a person has merged it: undo that instead")
        return Edit(
            Kind.SEPARATE, self.key, {"from": row.alias_of.key, "text": inner(row.text)}
        )


Request = Rename | Pin | SetCategory | MakeVariable | MakeConstant | Merge | Separate


def code_of(name: str) -> str:
    """Return the code of a category that a person gave by its plain name."""
    for category in CATEGORIES:
        if name in {category.plain_name, str(category)}:
            return str(category)
    raise InvalidEditError(f"no category is called {name}")


def _variable(row: Template, variable: int) -> str:
    if not 0 <= variable < len(row.categories):
        raise InvalidEditError(f"the template has no variable {variable + 1}")
    return str(row.categories[variable])


def family_of(source: Source, row: Template) -> list[int]:
    """Return the rows of a template and of all that became it."""
    above = dict(Template.objects.filter(source=source).values_list("pk", "alias_of"))
    found = [row.pk]
    for pk in found:
        found += [below for below, of in above.items() if of == pk and below not in found]
    return found


def variable_spans(source: Source, row: Template, variable: int) -> dict[int, Span]:
    """Return where a template's variable lies in each of its structures, by hash."""
    structures = list(Structure.objects.filter(template__in=family_of(source, row)))
    views = views_of(segments_of(source), {of.hash for of in structures})
    found = {}
    for of in structures:
        view = views.get(of.hash)
        if view is None or len(of.categories) != len(of.spans):
            continue
        spans = [Span(*span) for span in of.spans]
        text = meaning_of(row.key, view, spans, of.categories).text()
        places = place_of(inner(row.text), variable, text)
        if len(places) == 1:
            found[of.hash] = spans[places[0]]
    return found


def distinct_values(source: Source, row: Template, variable: int) -> list[str]:
    """Return the values of a variable, one character a byte, the most frequent first."""
    spans = variable_spans(source, row, variable)
    found = values_of(segments_of(source), spans, most=10 * MAX_VALUES)
    return [value.decode("latin-1") for value, _ in found.most_common()]
