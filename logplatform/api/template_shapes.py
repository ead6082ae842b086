"""The JSON of templates: why they are as they are, edits, and the plot of a variable."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from logplatform.api.search_shapes import HitShape, StatsShape, TimeField, hit_json, stats_json
from logplatform.logs.models import TemplateEditKind
from logplatform.logs.template_requests import (
    NAME_CHARS,
    MakeConstant,
    MakeVariable,
    Merge,
    Pin,
    Rename,
    Separate,
    SetCategory,
)
from logplatform.logs.template_texts import outer, typed
from logplatform.logs.timestamps import format_time
from valb.category import CATEGORIES, Category

if TYPE_CHECKING:
    from collections.abc import Callable

    from logplatform.logs.models import TemplateEdit
    from logplatform.logs.template_requests import Request
    from logplatform.logs.template_story import Story
    from logplatform.logs.template_values import ValuePlot

MAX_NAMED = 200
NAMES = [category.plain_name for category in CATEGORIES]


class NewEdit(serializers.Serializer[Any]):
    """What to do to a template. Which members count depends on ``kind``."""

    kind = serializers.ChoiceField(TemplateEditKind.values)
    name = serializers.CharField(
        max_length=NAME_CHARS, required=False, allow_blank=True, default=""
    )
    variable = serializers.IntegerField(
        min_value=0, required=False, default=0, help_text="category, constant: which, from 0"
    )
    category = serializers.ChoiceField(NAMES, required=False, default="other")
    start = serializers.IntegerField(
        min_value=0,
        required=False,
        default=0,
        help_text="variable: its first character in text",
    )
    end = serializers.IntegerField(min_value=0, required=False, default=0)
    values = serializers.ListField(
        child=serializers.CharField(max_length=1000, trim_whitespace=False),
        max_length=MAX_NAMED,
        required=False,
        default=list,
        help_text="constant: which values get a template of their own; all where left out",
    )
    others = serializers.ListField(
        child=serializers.CharField(max_length=16),
        max_length=MAX_NAMED,
        required=False,
        default=list,
        help_text="merge: ids of the templates that become this one",
    )
    generalise = serializers.BooleanField(
        required=False, default=True, help_text="merge: variables where their words differ"
    )


REQUESTS: dict[str, Callable[[str, dict[str, Any]], Request]] = {
    TemplateEditKind.RENAME: lambda key, given: Rename(key, given["name"]),
    TemplateEditKind.PIN: lambda key, _: Pin(key),
    TemplateEditKind.CATEGORY: lambda key, given: SetCategory(
        key, given["variable"], given["category"]
    ),
    TemplateEditKind.VARIABLE: lambda key, given: MakeVariable(
        key, given["start"], given["end"], given["category"]
    ),
    TemplateEditKind.CONSTANT: lambda key, given: MakeConstant(
        key, given["variable"], tuple(given["values"])
    ),
    TemplateEditKind.MERGE: lambda key, given: Merge(
        key, tuple(given["others"]), given["generalise"]
    ),
    TemplateEditKind.SEPARATE: lambda key, _: Separate(key),
}


class EditShape(serializers.Serializer[Any]):
    """One thing that was done to a template. Texts are typed: variables as ``<OID>`` ..."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(TemplateEditKind.values)
    source = serializers.CharField()  # type: ignore[assignment]  # the stubs' own attribute
    template = serializers.CharField()
    text = serializers.CharField(
        allow_blank=True, help_text="the template as it was, where the edit is about its text"
    )
    summary = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    templates = serializers.ListField(
        child=serializers.CharField(), help_text="ids of templates that it made or took in"
    )
    by = serializers.CharField()
    lesson = serializers.IntegerField(
        allow_null=True, help_text="id of the lesson it follows from; null: a person did it"
    )
    at = serializers.CharField()
    undone_by = serializers.CharField(allow_blank=True)
    undone_at = serializers.CharField(allow_null=True)


class EditList(serializers.Serializer[Any]):
    """A page of edits, newest first."""

    results = EditShape(many=True)
    cursor = serializers.CharField(allow_null=True)


class StoryVariableShape(serializers.Serializer[Any]):
    """A variable of the template, in order."""

    category = serializers.ChoiceField(NAMES)
    by = serializers.CharField(help_text="model, or who said so")
    found = serializers.CharField(help_text="what the model says, empty where it does not")
    sureness = serializers.FloatField(
        allow_null=True, help_text="the model's probability of what it found; null: not asked"
    )


class StoryWordShape(serializers.Serializer[Any]):
    """A constant word of ``text`` and how likely the model thinks that it varies."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()
    chance = serializers.FloatField()


class MemberShape(serializers.Serializer[Any]):
    """A template that became this one."""

    id = serializers.CharField()
    typed_text = serializers.CharField()
    by = serializers.CharField(help_text="model, or who merged it")
    separable = serializers.BooleanField()


class StoryStructureShape(serializers.Serializer[Any]):
    """A structure of the template: its own text, its records, one of them."""

    hash = serializers.CharField()
    typed_text = serializers.CharField()
    member = serializers.CharField(help_text="id of the member that it came with")
    records = serializers.IntegerField()
    sample = HitShape()


class StoryShape(serializers.Serializer[Any]):
    """A template and why it is as it is."""

    id = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # as above
    name = serializers.CharField()
    text = serializers.CharField()
    typed_text = serializers.CharField()
    pinned = serializers.BooleanField()
    became = serializers.CharField(help_text="id of the template it was merged into, or empty")
    first_seen = serializers.CharField()
    records = serializers.IntegerField()
    variables = StoryVariableShape(many=True)
    words = StoryWordShape(many=True)
    members = MemberShape(many=True)
    structures = StoryStructureShape(many=True)
    structures_total = serializers.IntegerField()
    edits = EditShape(many=True)


class ValueParameters(serializers.Serializer[Any]):
    """Which variable, and when."""

    variable = serializers.IntegerField(min_value=0, help_text="from 0")
    start = TimeField(required=False, help_text="first time, included")
    end = TimeField(required=False, help_text="last time, not included")


class ValueBucketShape(serializers.Serializer[Any]):
    """One step: records, and percentiles 0, 50, 90, 99, 100 of its numbers."""

    time = serializers.CharField()
    records = serializers.IntegerField()
    percentiles = serializers.ListField(child=serializers.FloatField())


class ValueBarShape(serializers.Serializer[Any]):
    """Values between two numbers."""

    low = serializers.FloatField()
    high = serializers.FloatField()
    records = serializers.IntegerField()


class TopValueShape(serializers.Serializer[Any]):
    """A value as the log writes it."""

    value = serializers.CharField()
    records = serializers.IntegerField()


class ValuePlotShape(serializers.Serializer[Any]):
    """A variable over time. Numbers are in ``unit``: s, B, B/s, 1 (a share), or bare."""

    unit = serializers.CharField()
    records = serializers.IntegerField()
    numbers = serializers.IntegerField()
    distinct = serializers.IntegerField()
    step_s = serializers.FloatField()
    percentiles = serializers.ListField(child=serializers.FloatField())
    buckets = ValueBucketShape(many=True)
    bars = ValueBarShape(many=True)
    top = TopValueShape(many=True)
    stats = StatsShape()


def story_json(source: str, story: Story) -> dict[str, object]:
    """Render a template's story."""
    row = story.row
    return {
        "id": row.key,
        "source": source,
        "name": row.name,
        "text": row.text,
        "typed_text": row.typed_text,
        "pinned": row.is_pinned,
        "became": story.became,
        "first_seen": row.first_seen.isoformat(),
        "records": story.records,
        "variables": [asdict(variable) for variable in story.variables],
        "words": [asdict(word) for word in story.words],
        "members": [
            {
                "id": member.id,
                "typed_text": member.text,
                "by": member.by,
                "separable": member.can_separate,
            }
            for member in story.members
        ],
        "structures": [
            {
                "hash": of.hash,
                "typed_text": of.typed_text,
                "member": of.member,
                "records": of.records,
                "sample": hit_json(of.sample),
            }
            for of in story.structures
        ],
        "structures_total": story.n_structures,
        "edits": [edit_json(source, edit) for edit in story.edits],
    }


def plot_json(plot: ValuePlot) -> dict[str, object]:
    """Render a variable's plot."""
    return {
        "unit": plot.unit,
        "records": plot.records,
        "numbers": plot.numbers,
        "distinct": plot.distinct,
        "step_s": plot.step_ns / 1e9,
        "percentiles": list(plot.overall),
        "buckets": [
            {
                "time": format_time(bucket.time_ns),
                "records": bucket.records,
                "percentiles": list(bucket.percentiles),
            }
            for bucket in plot.buckets
        ],
        "bars": [asdict(bar) for bar in plot.bars],
        "top": [{"value": value, "records": n} for value, n in plot.top],
        "stats": stats_json(plot.stats),
    }


def edit_json(source: str, row: TemplateEdit) -> dict[str, object]:
    """Render an edit."""
    details = row.details
    made = [key for key in details.get("values", {}).values() if key != row.template]
    summary, before, after = _words_of(row.kind, details)
    return {
        "id": row.pk,
        "kind": row.kind,
        "source": source,
        "template": row.template,
        "text": outer(details.get("text", "")),
        "summary": summary,
        "before": before,
        "after": after,
        "templates": [*details.get("keys", ()), *made],
        "by": row.author_name,
        "lesson": row.lesson_id,
        "at": row.created.isoformat(),
        "undone_by": row.undone_name,
        "undone_at": row.undone.isoformat() if row.undone else None,
    }


def _words_of(kind: str, details: dict[str, Any]) -> tuple[str, str, str]:
    """Say what an edit did, and what was there before and after."""
    text = outer(details.get("text", ""))
    general = outer(typed(details.get("general", ""), details.get("categories", ())))
    match kind:
        case TemplateEditKind.RENAME:
            return "Renamed", details["before"], details["name"]
        case TemplateEditKind.CATEGORY:
            before, after = Category(details["before"]), Category(details["category"])
            place = f"Variable {details['variable'] + 1} corrected"
            return place, before.plain_name, after.plain_name
        case TemplateEditKind.VARIABLE:
            return "Made a variable", outer(details["word"]), general
        case TemplateEditKind.CONSTANT:
            values = ", ".join(map(outer, details["values"]))
            place = f"Variable {details['variable'] + 1} made constant"
            return place, Category(details["before"]).plain_name, values
        case TemplateEditKind.MERGE:
            return f"Merged {len(details['keys'])} more", text, general
        case _:
            return ("Pinned" if kind == TemplateEditKind.PIN else "Separated"), "", text
