"""Labels of templates: from the log, from people, from a model that learned from them."""

from __future__ import annotations

import json

import pytest
from django.conf import settings

from logplatform.accounts.encryption import decrypt
from logplatform.logs.jobs import queue_job
from logplatform.logs.models import Job, JobKind, JobState, Template
from logplatform.triage import jobs, large, review, taxonomy, training, verdicts
from logplatform.triage.errors import InvalidTriageError
from logplatform.triage.models import (
    Case,
    Day,
    Label,
    LabelState,
    LanguageModel,
    ModelVersion,
    Verdict,
    Who,
)
from logplatform.triage.verdicts import draw, is_sampled
from tests.adaptivelog.openai_server import answered, failed, labelled, serving
from tests.fakes import seal_now
from tests.shop_log import accept

THINGS = ("disk", "cache", "socket", "queue", "index", "mirror", "ledger", "thread", "mailer")
BAD, GOOD = ("write failed on", "cannot reach the"), ("started the", "finished with")


def lines_of(bad=BAD, good=GOOD, things=THINGS):
    """Give a log of 2 x 2 x 9 templates whose severity a word tells; later ones more often."""
    texts = [(b"ERROR", f"{verb} {thing}") for thing in things for verb in bad]
    texts += [(b"INFO", f"{verb} {thing}") for thing in things for verb in good]
    return b"".join(
        b"2026-01-01 10:00:%02d,000 %s shop.web: %s n=%d\n" % (n % 60, level, text.encode(), n)
        for number, (level, text) in enumerate(texts)
        for n in range(number + 1)
    )


def truth(template):
    return "error" if any(verb in template.text for verb in BAD) else "info"


@pytest.fixture
def sealed(source):
    accept(source, lines_of())
    seal_now(source)
    return source


def triage(source):
    job_id = queue_job(JobKind.TRIAGE, source=source)
    assert jobs.run_triage_job(job_id)


def task_of(team, name="severity"):
    return next(task for task in taxonomy.tasks_of(team) if task.name == name)


def review_all(task, source, count, user=None):
    """Give verdicts on the most valuable templates, as the truth is."""
    for waiting in review.waiting(task, [source], limit=count):
        template = waiting.answer.template
        verdicts.give_verdict(task, template, label=truth(template), by=user)


def retrain(task):
    assert jobs.run_retrain_job(jobs.queue_retrain(task))


def use_model(team, server, **given):
    draft = large.LanguageModelDraft(base_url=server.url, model="tiny", **given)
    return large.save_model(team, draft)


def test_without_any_model_the_log_speaks_and_every_template_waits(sealed, team):
    triage(sealed)
    found = Label.objects.filter(task=task_of(team))
    assert found.count() == Template.objects.filter(source=sealed).count() == 36
    assert set(found.values_list("who", "state", "confidence")) == {("log", "review", None)}
    for label in found.select_related("template"):
        assert label.label == truth(label.template)
    category = Label.objects.filter(task=task_of(team, "category"))
    assert set(category.values_list("who", "label")) == {("nobody", "")}
    assert not Label.objects.filter(task__explains=True).exists()


def test_seal_makes_one_triage_job_and_only_where_templates_are_new(sealed):
    (job_id,) = jobs.queue_due()
    assert jobs.queue_due() == [job_id]
    assert jobs.run_triage_job(job_id)
    assert jobs.queue_due() == []
    accept(sealed, lines_of())
    seal_now(sealed)
    assert jobs.queue_due() == []
    accept(sealed, b"2026-01-01 10:00:00,000 WARN shop.web: something else n=1\n")
    seal_now(sealed)
    assert len(jobs.queue_due()) == 1


def test_queue_is_in_order_of_value_and_kinds_take_turns(sealed, team):
    triage(sealed)
    queue = review.waiting(task_of(team), [sealed], limit=50)
    assert len(queue) == 36
    found = [waiting for waiting in queue if not waiting.is_sampled]
    for kind in ("info", "error"):
        counts = [waiting.records for waiting in found if waiting.answer.label == kind]
        assert counts == sorted(counts, reverse=True)
    assert [waiting.answer.label for waiting in found[:4]] == ["info", "error"] * 2


def test_every_fifth_place_is_for_a_template_drawn_at_random(sealed, team):
    triage(sealed)
    task = task_of(team)
    drawn = {t for t in Template.objects.filter(source=sealed) if is_sampled(task, t.key)}
    queue = review.waiting(task, [sealed], limit=50)
    places = [number for number, row in enumerate(queue, 1) if row.is_sampled]
    assert {row.answer.template for row in queue if row.is_sampled} == drawn
    assert len(drawn) >= 2
    assert places[:2] == [5, 10]
    # Also where a model was sure of it: else nobody knows how right it is.
    template = min(drawn, key=lambda t: draw(task, t.key))
    Label.objects.filter(task=task, template=template).update(state=LabelState.ANSWERED)
    assert review.waiting(task, [sealed], limit=5)[4].answer.template == template
    verdict = verdicts.give_verdict(task, template, label="info")
    assert verdict.is_sampled


def test_who_always_takes_the_first_of_the_queue_meets_the_sample(sealed, team):
    triage(sealed)
    task = task_of(team)
    for _ in range(10):
        review_all(task, sealed, 1)
    given = task.verdicts.order_by("pk").values_list("is_sampled", flat=True)
    assert [n for n, is_drawn in enumerate(given, 1) if is_drawn] == [5, 10]


@pytest.mark.engine
def test_threshold_comes_from_the_random_sample_once_it_is_large_enough(sealed, team):
    triage(sealed)
    task = task_of(team)
    for n in range(120):
        Verdict.objects.create(
            task=task,
            text=f"{(BAD + GOOD)[n % 4]} unit {n}",
            label="error" if n % 4 < 2 else "info",
            is_sampled=n % 2 == 0,
        )
    retrain(task)
    version = ModelVersion.objects.get(task=task)
    assert (version.sampled, version.is_sampled) == (60, True)
    assert version.sample_accuracy is not None
    assert version.tried.keys() == {"tfidf"}


def test_verdicts_given_while_a_model_is_trained_make_the_next_one_due(sealed, team):
    triage(sealed)
    task = task_of(team)
    review_all(task, sealed, 12)
    assert jobs.queue_retrains() == []  # the first one is made due by a verdict
    retrain(task)
    assert jobs.queue_retrains() == []
    for template in Template.objects.filter(source=sealed)[:8]:
        verdicts.give_verdict(task, template, label=truth(template))
    (job_id,) = jobs.queue_retrains()
    assert jobs.run_retrain_job(job_id)
    assert jobs.queue_retrains() == []


def test_verdict_is_the_answer_and_undo_brings_the_old_one_back(sealed, team, viewer):
    triage(sealed)
    task = task_of(team)
    (first,) = review.waiting(task, [sealed], limit=1)
    before = Label.objects.values().get(pk=first.answer.pk)
    verdict = verdicts.give_verdict(task, first.answer.template, label="critical", by=viewer)
    label = Label.objects.get(pk=first.answer.pk)
    assert (label.label, label.who, label.state) == ("critical", Who.PERSON, "answered")
    triage(sealed)
    label.refresh_from_db()
    assert label.who == Who.PERSON
    verdicts.undo_verdict(verdict)
    after = Label.objects.values().get(pk=first.answer.pk)
    assert {**after, "answered": None} == {**before, "answered": None}
    with pytest.raises(InvalidTriageError, match="none of critical, error"):
        verdicts.give_verdict(task, first.answer.template, label="dire")


def test_model_learns_from_verdicts_and_the_queue_shrinks(sealed, team):
    triage(sealed)
    task = task_of(team)
    assert not training.is_due(task)
    review_all(task, sealed, 20)
    assert training.is_due(task)
    waiting = Label.objects.filter(task=task, state=LabelState.REVIEW)
    assert waiting.count() == 16
    retrain(task)
    version = ModelVersion.objects.get(task=task)
    assert version.examples == 20
    assert version.accuracy > 0.8
    assert (settings.HOME.models / version.folder / "config.json").is_file()
    assert waiting.count() <= 8
    by_model = Label.objects.filter(task=task, who=Who.SMALL, state=LabelState.ANSWERED)
    right = [label.label == truth(label.template) for label in by_model]
    assert len(right) >= 8
    assert sum(right) / len(right) >= 0.8
    assert not training.is_due(task)
    retrain(task)
    assert ModelVersion.objects.filter(task=task).count() == 2


def test_model_says_nothing_by_itself_where_labels_do_not_support_the_target(sealed, team):
    triage(sealed)
    task = task_of(team)
    taxonomy.change_task(task, labels=[(n, m) for n, m in task.labels], renamed={}, target=0.99)
    review_all(task, sealed, 12)
    retrain(task)
    assert ModelVersion.objects.get(task=task).threshold is None
    assert Label.objects.filter(task=task, state=LabelState.REVIEW).count() == 24


def test_correction_of_a_model_becomes_a_case(sealed, team):
    triage(sealed)
    task = task_of(team)
    review_all(task, sealed, 20)
    retrain(task)
    Case.objects.all().delete()
    label = Label.objects.filter(task=task, who=Who.SMALL)[0]
    said = label.label
    verdicts.give_verdict(task, label.template, label="debug", reason="only a probe")
    case = Case.objects.get(task=task)
    assert (case.said, case.label, case.reason) == (said, "debug", "only a probe")


def test_taxonomy_can_be_edited_and_renames_go_along(sealed, team):
    triage(sealed)
    task = task_of(team, "category")
    template = Template.objects.filter(source=sealed)[0]
    verdicts.give_verdict(task, template, label="cpu")
    labels = [("processor", "load"), ("other", "")]
    taxonomy.change_task(task, labels=labels, renamed={"cpu": "processor"}, target=0.9)
    assert Label.objects.get(task=task, template=template).label == "processor"
    verdicts.give_verdict(task, template, label="other")
    taxonomy.change_task(
        task, labels=[("processor", "load"), ("disk", "")], renamed={}, target=0.9
    )
    assert not Label.objects.filter(task=task, template=template).exists()
    for bad in ([("one", "")], [("a", ""), ("a", "")], [("a", ""), (" b", "")]):
        with pytest.raises(InvalidTriageError):
            taxonomy.change_task(task, labels=bad, renamed={}, target=0.9)


def test_language_model_is_asked_once_a_template_and_cached(sealed, team):
    taxonomy.tasks_of(team)
    team.triage_tasks.exclude(name="severity").delete()
    with serving(labelled("warning", "it says so")) as server:
        use_model(team, server, input_price=1.0)
        triage(sealed)
        assert len(server.requests) == 36
        assert set(Label.objects.values_list("who", "label", "reason", "state")) == {
            ("large", "warning", "it says so", "answered")
        }
        Label.objects.all().delete()
        triage(sealed)
        assert len(server.requests) == 36
    day = Day.objects.get(team=team)
    assert (day.calls, day.asked, day.cached) == (36, 36, 36)
    assert day.input_tokens == 3600
    assert day.money == pytest.approx(0.0036)


def test_budget_ends_the_asking_and_the_rest_waits_for_people(sealed, team):
    taxonomy.tasks_of(team)
    team.triage_tasks.exclude(name="severity").delete()
    with serving(labelled("info")) as server:
        use_model(team, server, calls_a_day=3)
        triage(sealed)
        assert len(server.requests) == 3
    found = Label.objects.filter(state=LabelState.REVIEW)
    assert set(found.values_list("why", flat=True)) == {"no_budget"}
    assert found.count() == 33


def test_language_model_that_fails_blocks_nothing(sealed, team):
    with serving(failed(401)) as server:
        row = use_model(team, server)
        triage(sealed)
        assert len(server.requests) == 1
    row.refresh_from_db()
    assert row.down_until is not None
    assert "401" in row.error
    assert Job.objects.get(kind=JobKind.TRIAGE).state == JobState.DONE
    states = Label.objects.values_list("state", flat=True).distinct()
    assert list(states) == [LabelState.REVIEW]


def test_explanation_cites_records_and_is_text(sealed, team):
    triage(sealed)
    template = Template.objects.filter(source=sealed, text__contains="disk")[0]
    reply = {
        "reason": "<img src=x onerror=alert(1)> the disk",
        "cites": [1],
        "next_step": "look at it",
        "label": "error",
    }
    with serving(answered(json.dumps(reply))) as server:
        use_model(team, server)
        assert jobs.run_triage_job(jobs.queue_explanation(template))
        sent = server.requests[0]["body"]["messages"][-1]["content"]
    label = Label.objects.get(task__explains=True, template=template)
    assert label.reason.startswith("<img src=x")
    assert label.next_step == "look at it"
    (cite,) = label.cites
    assert cite.startswith("r")
    assert "on disk" in sent


def test_key_is_encrypted_and_stays_with_its_server(team):
    with serving(labelled("info")) as server:
        row = use_model(team, server, key="sk-secret")
        assert "sk-secret" not in LanguageModel.objects.values_list("key", flat=True)[0]
        assert decrypt(row.key) == "sk-secret"
        assert large.try_model(row).ok
        headers = {k.lower(): v for k, v in server.requests[0]["headers"].items()}
        assert headers["authorization"] == "Bearer sk-secret"
    elsewhere = large.LanguageModelDraft(base_url="http://evil.example/v1", model="tiny")
    with pytest.raises(InvalidTriageError, match="enter its key"):
        large.save_model(team, elsewhere)
