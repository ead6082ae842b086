"""What a template means and what to do, by the language model, when somebody asks."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from adaptivelog import Question, Row, TypedValue, Why
from logplatform.logs.query import parse
from logplatform.logs.search import search
from logplatform.logs.search_scope import Request
from logplatform.triage.routing import make_label, open_desk, write
from logplatform.triage.taxonomy import EXPLANATION
from valb.category import Category

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logplatform.logs.hits import Hit
    from logplatform.logs.models import Template
    from logplatform.triage.models import TriageTask

LINES = 5
MAX_LINE = 2000  # characters; the model's prompt shortens further
CODES = {category.plain_name: category.value for category in Category}


def explain(task: TriageTask, template: Template) -> None:
    """Ask what a template means, with some of its newest records to cite; keep the answer."""
    assert task.name == EXPLANATION
    request = Request(sources=(template.source,), query=parse(f"template:{template.key}"))
    hits = search(request, limit=LINES).hits
    question = question_of(template.typed_text, hits)
    with open_desk(task) as desk:
        (decision,) = desk.router.route([question], now_ns=time.time_ns())
    label = make_label(task, template, replace(decision, review=False))
    # The numbers of a cached answer are those of the lines that were sent then.
    if decision.large is not None and decision.why == Why.ASKED:
        label.cites = [hits[number - 1].id for number in decision.large.reply.cites]
    write([label])
    desk.settle([decision])


def question_of(text: str, hits: Sequence[Hit]) -> Question:
    """Return the question about a text, with records to cite."""
    return Question(
        Row(text),
        lines=tuple(hit.raw[:MAX_LINE] for hit in hits),
        typed_lines=tuple(_typed(hit) for hit in hits),
    )


def _typed(hit: Hit) -> tuple[TypedValue, ...]:
    """Return a record's variables in characters; hits count UTF-16 code units."""
    units = hit.raw.encode("utf-16-le", "surrogatepass")

    def characters(offset: int) -> int:
        return len(units[: 2 * offset].decode("utf-16-le", "replace"))

    return tuple(
        TypedValue(
            characters(found.start), min(characters(found.end), MAX_LINE), CODES[found.category]
        )
        for found in hit.variables
        if found.category in CODES
    )
