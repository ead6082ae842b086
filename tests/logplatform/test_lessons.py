"""Learning from corrections: other templates follow, one click brings all back."""

from __future__ import annotations

import pytest

from logplatform.logs import annotators, jobs, lessons
from logplatform.logs.errors import NothingToLearnError
from logplatform.logs.models import Job, JobState, Lesson, Template, TemplateEdit
from logplatform.logs.seal import run_seal_job
from logplatform.logs.template_edits import make_edit, set_undone
from logplatform.logs.template_requests import SetCategory
from tests.shop_log import accept

pytestmark = pytest.mark.django_db

TAUGHT = ("lost {} at noon", "no {} is known", "one {} was held back", "sold {} to the mill")
OTHERS = ("{} was left in the woods", "found {} by the road")


def lines(forms, first=0):
    return b"".join(
        b"2026-01-01 10:%02d:%02d INFO app: %s\n"
        % (n, k, form.format(f"zork {first + n}").encode())
        for k, form in enumerate(forms)
        for n in range(20)
    )


@pytest.fixture
def log(source):
    annotators.forget()
    accept(source, lines((*TAUGHT, *OTHERS)))
    assert run_seal_job(jobs.queue_seal(source))
    return source


def rows(source, forms):
    starts = [form.format("zork <*>") for form in forms]
    return [Template.objects.get(source=source, text=text) for text in starts]


def categories(source, forms=OTHERS):
    return {category for row in rows(source, forms) for category in row.categories}


def teach(source, author, forms=TAUGHT):
    for row in rows(source, forms):
        if row.categories != ["STC"]:
            make_edit(source, SetCategory(row.key, 0, "status_code"), author=author)


def learn(source, by=None):
    assert lessons.run_learn_job(lessons.ask(source, by=by))
    return Lesson.objects.filter(source=source).latest("number")


def test_templates_that_nobody_touched_follow_and_come_back(log, viewer):
    before = categories(log)
    assert before != {"STC"}
    teach(log, viewer)
    lesson = learn(log, viewer)
    assert (lesson.number, lesson.author_name, lesson.ended) == (1, viewer.username, None)
    assert len(lesson.examples) == len(TAUGHT)
    assert categories(log) == {"STC"}
    lessons.set_in_force(lesson, in_force=False, name="ada")
    assert categories(log) == before
    assert categories(log, TAUGHT) == {"STC"}  # what people did stays
    lessons.set_in_force(lesson, in_force=True, name="ada")
    assert categories(log) == {"STC"}


def test_what_a_person_said_or_took_back_is_never_changed(log, viewer):
    first, second = rows(log, OTHERS)
    make_edit(log, SetCategory(first.key, 0, "duration"), author=viewer)
    teach(log, viewer)
    learn(log)
    assert categories(log, OTHERS[:1]) == {"TDA"}
    edit = TemplateEdit.objects.get(source=log, template=second.key)
    set_undone(edit, undone=True, by=viewer)
    assert categories(log, OTHERS[1:]) != {"STC"}
    teach(log, viewer)
    learn(log)
    assert categories(log, OTHERS[1:]) != {"STC"}


def test_the_same_corrections_make_no_second_lesson_and_later_templates_follow(log, viewer):
    teach(log, viewer)
    lesson = learn(log)
    assert learn(log) == lesson
    accept(log, lines(("gave {} to a friend",), first=50))
    assert run_seal_job(jobs.queue_seal(log))
    due = lessons.queue_if_due(log)
    assert due is not None
    assert lessons.run_learn_job(due)
    assert categories(log, ("gave {} to a friend",)) == {"STC"}
    assert Lesson.objects.filter(source=log, ended=None).count() == 1


def test_it_begins_by_itself_after_enough_corrections(log, viewer, monkeypatch):
    with pytest.raises(NothingToLearnError):
        lessons.ask(log, by=None)
    monkeypatch.setattr(lessons, "LEARN_AFTER", 2)
    teach(log, viewer, TAUGHT[:1])
    assert lessons.queue_if_due(log) is None
    teach(log, viewer, TAUGHT[1:])
    due = lessons.queue_if_due(log)
    assert due is not None
    assert lessons.queue_if_due(log) is None  # it waits already
    assert lessons.run_learn_job(due)
    assert Job.objects.get(pk=due).state == JobState.DONE
    lesson = Lesson.objects.get(source=log)
    assert lesson.author_name == ""
    lessons.set_in_force(lesson, in_force=False, name="ada")
    assert lessons.queue_if_due(log) is None  # nobody said anything new


def test_over_rest_it_is_begun_shown_and_taken_back(log, viewer, signed_in):
    path = "/api/v1/sources/shop/learning"
    editor = signed_in("editor")
    assert editor.post(path).status_code == 409
    teach(log, viewer)
    told = editor.post(path)
    assert told.status_code == 202
    assert told.json()["job"]["state"] == "queued"
    assert lessons.run_learn_job(told.json()["job"]["id"])
    told = editor.get(path).json()
    assert (told["corrections"], told["since"], told["job"]) == (len(TAUGHT), 0, None)
    (lesson,) = told["lessons"]
    assert (lesson["changed"], lesson["in_force"], lesson["by"]) == (2, True, "editor-team")
    edits = editor.get("/api/v1/template-edits?source=shop").json()["results"]
    assert {edit["by"] for edit in edits if edit["lesson"] == lesson["id"]} == {"learning"}
    own = editor.get(f"/api/v1/template-edits?source=shop&lesson={lesson['id']}").json()
    assert len(own["results"]) == 2
    assert all("zork <*>" in edit["text"] for edit in own["results"])
    assert editor.get("/api/v1/template-edits?source=shop&lesson=x").status_code == 400
    undo = f"/api/v1/lessons/{lesson['id']}/undo"
    assert signed_in("viewer").post(undo).status_code == 403
    assert editor.post(undo).json()["ended_by"] == "editor-team"
    assert categories(log) != {"STC"}
    assert editor.post(undo.replace("undo", "redo")).json()["in_force"] is True
    assert categories(log) == {"STC"}
