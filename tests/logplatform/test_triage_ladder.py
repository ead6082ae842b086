"""A task's small model is the rung of its ladder that cross-validation finds best."""

from __future__ import annotations

import pytest
import torch

from logplatform.triage import routing, taxonomy, training
from logplatform.triage.errors import InvalidTriageError
from logplatform.triage.models import Verdict
from tests.adaptivelog.shop_rows import EXAMPLES
from tests.adaptivelog.tiny_encoder import save_tiny_encoder

pytestmark = pytest.mark.slow  # transformers alone takes seconds to import


@pytest.mark.engine
def test_ticked_rungs_are_tried_and_the_best_answers(home, team, settings, tmp_path, request):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # two wait for each other on a busy machine
    request.addfinalizer(lambda: torch.set_num_threads(threads))
    encoder = save_tiny_encoder(tmp_path)
    settings.CONFIG = settings.CONFIG.model_copy(update={"triage_encoder": encoder})
    task = next(t for t in taxonomy.tasks_of(team) if t.name == "severity")
    taxonomy.change_task(
        task,
        labels=[(name, meaning) for name, meaning in task.labels],
        renamed={},
        target=0.8,
        rungs=("embedding", "tfidf"),
    )
    for example in EXAMPLES[::2]:
        Verdict.objects.create(task=task, text=example.row.text, label=example.label)
    version = training.train_version(task)
    assert list(version.tried) == ["tfidf", "embedding"]
    assert version.tried[version.rung] == max(version.tried.values())
    router = routing.open_desk(task).router
    assert router.model is not None
    assert router.model.rung.name == version.rung
    with pytest.raises(InvalidTriageError, match="of tfidf, embedding, encoder, or none"):
        taxonomy.change_task(
            task, labels=[("a", ""), ("b", "")], renamed={}, target=0.8, rungs=("oracle",)
        )


def test_task_that_nobody_chose_rungs_for_climbs_no_further_than_is_worth_it(home, team):
    task = next(t for t in taxonomy.tasks_of(team) if t.name == "severity")
    assert task.rungs == []
    for example in EXAMPLES[::2]:
        Verdict.objects.create(task=task, text=example.row.text, label=example.label)
    version = training.train_version(task)
    assert (version.rung, list(version.tried)) == ("tfidf", ["tfidf"])
    assert version.passed_over.keys() == {"embedding", "encoder"}
    assert all(version.passed_over.values())
