"""A language model may word the summary; it can neither add nor change a fact."""

from __future__ import annotations

import json

import pytest

from logplatform.reports.content import Content, Section
from logplatform.reports.polish import polished, says_the_same
from logplatform.reports.rendering import as_html, as_text
from logplatform.triage.large import LanguageModelDraft, save_model
from logplatform.triage.models import Day
from tests.adaptivelog.openai_server import answered, failed, serving

VOLUME = "465 records from 1 source, +85 % against the time before (252)."
MOVED = "3 templates moved; most of all “login of <OID> failed” of shop: 440, 240 before."
QUIET = "Nothing else stands out."
SUMMARY = Section("summary", "In short", (VOLUME, MOVED, QUIET))


def told(*sentences):
    return answered(json.dumps({"sentences": sentences}))


def use(team, server, **given):
    save_model(team, LanguageModelDraft(base_url=server.url, model="tiny", **given))


@pytest.mark.parametrize(
    "new",
    [
        "There were 465 records from 1 source, an increase of 85 % over the time before (252).",
        "The 1 source made 465 records, 85 % more than in the time before (252).",
    ],
)
def test_other_words_for_the_same_are_taken(new):
    assert says_the_same(VOLUME, new)


@pytest.mark.parametrize(
    "new",
    [
        "There were 466 records from 1 source, up 85 % against the time before (252).",
        "There were 465 records from 1 source, 85 % fewer than the time before (252).",
        "There were 465 records from 1 source, up 85 % against the time before.",
        "465 records from 1 source, +85 % against the time before (252), caused by an outage.",
        "465 records from 1 source, +85 % against the time before (252): act immediately.",
        "465 records from 1 source at Amazon, +85 % against the time before (252).",
        "465 records from 1 source, not +85 % against the time before (252).",
        "465 records from 1 source, +85 % against the time before (252). See http://evil.example",
        "465 records from 1 source, +85 % against the time before (252) " + "and so on " * 20,
        "",
    ],
)
def test_other_facts_are_refused(new):
    assert not says_the_same(VOLUME, new)


def test_quoted_text_stays_as_it_is():
    good = "Of 3 templates, “login of <OID> failed” of shop moved most: 440, before 240."
    assert says_the_same(MOVED, good)
    assert not says_the_same(MOVED, good.replace("failed”", "succeeded”"))
    assert not says_the_same(MOVED, good.replace("shop", "bank"))


def test_summary_is_worded_marked_and_its_own_sentences_stay(team):
    good = "There were 465 records from 1 source, 85 % more than the time before (252)."
    wrong = "4 templates moved, which shows an attack."
    with serving(told(good, wrong, QUIET)) as server:
        use(team, server)
        (section,) = polished(team, (SUMMARY,))
        sent = server.requests[0]["body"]["messages"][1]["content"]
    assert section.polished == (good, MOVED, QUIET)
    assert section.polished_by == "tiny"
    assert section.sentences == SUMMARY.sentences
    assert "465 records" in sent
    assert Day.objects.get().calls == 1
    content = Content("t", "p", (section,))
    for form in (as_html(content, link="", pictures={}), as_text(content, link="")):
        assert "Worded by tiny" in form
        assert form.index(good) < form.index("Worded by tiny") < form.rindex("465 records")


def test_secrets_do_not_leave(team):
    section = Section("summary", "In short", ("1 gap in jane.doe@example.org.",))
    with serving(told("1 gap was in <EMAIL_1>.")) as server:
        use(team, server)
        polished(team, (section,))
        assert "jane.doe" not in json.dumps(server.requests[0]["body"])


@pytest.mark.parametrize(
    "answer",
    [
        failed(500),
        failed(401),
        answered("I would rather not."),
        answered('{"sentences": ["one"]}'),
        answered('{"sentences": [1, 2, 3]}'),
        told(VOLUME, MOVED, QUIET),
    ],
)
def test_without_a_good_answer_the_summary_stays_as_it_is(team, answer):
    with serving(answer) as server:
        use(team, server)
        assert polished(team, (SUMMARY,)) == (SUMMARY,)


def test_nobody_is_asked_who_is_not_set_up_or_paid_for(team):
    assert polished(team, (SUMMARY,)) == (SUMMARY,)
    with serving(told(VOLUME, MOVED, QUIET)) as server:
        use(team, server, calls_a_day=0)
        assert polished(team, (SUMMARY,)) == (SUMMARY,)
        use(team, server, is_enabled=False)
        assert polished(team, (SUMMARY,)) == (SUMMARY,)
        assert server.requests == []
