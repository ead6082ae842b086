"""Who answers: the small model, the large one, or a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from adaptivelog.budget import Budget
from adaptivelog.cases import CaseBase
from adaptivelog.errors import BadAnswer, LargeModelDown, LargeModelRefused
from adaptivelog.large import LargeAnswer, LargeModel, Usage
from adaptivelog.prompts import VERSION, Question
from adaptivelog.trial import Trial

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence

    from numpy.typing import NDArray

    from adaptivelog.model import SmallModel
    from adaptivelog.tasks import Task

NOTHING = Usage()
PAUSE_S, MAX_PAUSE_S = 30.0, 900.0  # without calls after a failure; doubles with each
CASES_SHOWN = 3  # one to three do as well as five (ECR ablation in docs/adaptivelog.md)


class Source(StrEnum):
    """Who gave an answer."""

    SMALL = "small"
    LARGE = "large"
    NOBODY = "nobody"


class Why(StrEnum):
    """Why an answer came from where it came from."""

    SURE = "sure"  # the small model's uncertainty is under the threshold
    ASKED = "asked"
    CACHED = "cached"
    NO_LARGE_MODEL = "no_large_model"
    NOT_BETTER = "not_better"  # the trial shows that asking does not help
    NO_BUDGET = "no_budget"
    DOWN = "down"
    REFUSED = "refused"
    BAD_ANSWER = "bad_answer"


@dataclass(frozen=True, slots=True)
class Decision:
    """What came of a question.

    Attributes
    ----------
    label : str
        The answer; empty when nobody had one.
    confidence : float
        That `label` is right, from 0 to 1.
    review : bool
        Whether a person should look: nobody sure has answered, or a large model calls a row
        less severe than the small one did.
    small_label, small_confidence
        The small model's answer, empty and 0 without one.
    large : LargeAnswer or None
        What the large model said, new or from the cache.
    usage : Usage
        What this question cost, also when it failed.
    detail : str
        The failure in words, for the event log.
    """

    question: Question
    label: str
    confidence: float
    source: Source
    why: Why
    review: bool
    small_label: str = ""
    small_confidence: float = 0.0
    uncertainty: float = 1.0
    large: LargeAnswer | None = None
    usage: Usage = NOTHING
    detail: str = ""


@dataclass
class Router:
    """Decides and asks for one task.

    Attributes
    ----------
    model : SmallModel or None
        None where the task has no labels yet: every row is uncertain then.
    threshold : float or None
        Uncertainty from which on a row is routed; None for the model's own.
    cache : mutable mapping of str to LargeAnswer
        By `cache_key`; give one that lasts.
    """

    task: Task
    model: SmallModel | None = None
    large: LargeModel | None = None
    threshold: float | None = None
    cases: CaseBase = field(default_factory=CaseBase)
    cache: MutableMapping[str, LargeAnswer] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)
    trial: Trial = field(default_factory=Trial)
    down_until_ns: int = 0
    _pause_s: float = PAUSE_S

    def route(self, questions: Sequence[Question], *, now_ns: int) -> list[Decision]:
        """Answer questions; never raises for a large model's failure."""
        if self.model is None:
            return [self._ask(question, None, now_ns=now_ns) for question in questions]
        said = self.model.predict([question.row for question in questions])
        level = self._level()
        decisions = []
        for number, question in enumerate(questions):
            small = _Small(
                said.labels[number],
                said.probabilities[number],
                float(said.uncertainty[number]),
                said.classes,
            )
            if small.uncertainty <= level:
                decisions.append(small.decide(question, Why.SURE, review=False))
            else:
                decisions.append(self._ask(question, small, now_ns=now_ns))
        return decisions

    def _level(self) -> float:
        if self.threshold is not None:
            return self.threshold
        own = self.model.threshold if self.model else None
        return own.uncertainty if own else 0.0

    def _ask(self, question: Question, small: _Small | None, *, now_ns: int) -> Decision:
        small = small or _Small("", np.zeros(0), 1.0, ())
        if self.large is None:
            return small.decide(question, Why.NO_LARGE_MODEL, review=True)
        key = cache_key(self.task, question, self.large)
        known = self.cache.get(key)
        if known is not None:
            return self._settle(question, small, known, Why.CACHED)
        if not self.trial.is_worth_asking:
            return small.decide(question, Why.NOT_BETTER, review=True)
        if not self.budget.allows(now_ns):
            return small.decide(question, Why.NO_BUDGET, review=True)
        if now_ns < self.down_until_ns:
            return small.decide(question, Why.DOWN, review=True)
        return self._call(key, question, small, now_ns=now_ns)

    def _call(self, key: str, question: Question, small: _Small, *, now_ns: int) -> Decision:
        assert self.large is not None
        nearest = self.cases.nearest(question.row, count=CASES_SHOWN)
        why, detail = Why.ASKED, ""
        answer = None
        try:
            answer = self.large.ask(self.task, question, cases=nearest)
        except LargeModelDown as error:
            why, detail = Why.DOWN, str(error)
        except LargeModelRefused as error:
            why, detail = Why.REFUSED, str(error)
        except BadAnswer as error:
            why, detail = Why.BAD_ANSWER, str(error)
        usage = self.large.spent
        self.budget.charge(usage, now_ns=now_ns)
        if why in (Why.DOWN, Why.REFUSED):
            self.down_until_ns = now_ns + int(self._pause_s * 1e9)
            self._pause_s = min(2 * self._pause_s, MAX_PAUSE_S)
        else:
            self._pause_s = PAUSE_S
        if answer is None:
            return small.decide(question, why, review=True, usage=usage, detail=detail)
        self.cache[key] = answer
        return self._settle(question, small, answer, Why.ASKED, usage=usage)

    def _settle(
        self,
        question: Question,
        small: _Small,
        answer: LargeAnswer,
        why: Why,
        *,
        usage: Usage = NOTHING,
    ) -> Decision:
        label, confidence = combine(
            small.classes, small.probabilities, answer.reply.label, self.trial.reliability
        )
        names = self.task.names
        lowered = (
            self.task.ordered
            and small.label in names
            and names.index(label) > names.index(small.label)
        )
        return Decision(
            question,
            label,
            confidence,
            Source.LARGE if label == answer.reply.label else Source.SMALL,
            why,
            review=lowered,
            small_label=small.label,
            small_confidence=small.confidence,
            uncertainty=small.uncertainty,
            large=answer,
            usage=usage,
        )


@dataclass(frozen=True)
class _Small:
    label: str
    probabilities: NDArray[np.float64]
    uncertainty: float
    classes: tuple[str, ...]

    @property
    def confidence(self) -> float:
        return float(self.probabilities.max()) if len(self.probabilities) else 0.0

    def decide(
        self,
        question: Question,
        why: Why,
        *,
        review: bool,
        usage: Usage = NOTHING,
        detail: str = "",
    ) -> Decision:
        return Decision(
            question,
            self.label,
            self.confidence,
            Source.SMALL if self.label else Source.NOBODY,
            why,
            review,
            self.label,
            self.confidence,
            self.uncertainty,
            usage=usage,
            detail=detail,
        )


def combine(
    classes: Sequence[str],
    probabilities: NDArray[np.float64],
    said: str,
    reliability: float,
) -> tuple[str, float]:
    """Weigh the small model's probabilities with a large model's label.

    The large model is right with probability `reliability` and otherwise says any other label
    alike. A label that the small model never saw is as likely to it as its own doubt. Without a
    small model the large one's label stands.
    """
    if not len(probabilities):
        return said, reliability
    names, prior = list(classes), probabilities
    if said not in names:
        names.append(said)
        prior = np.append(prior, 1 - prior.max())
    wrong = (1 - reliability) / max(len(names) - 1, 1)
    weighed = prior * np.where(np.array(names) == said, reliability, wrong)
    weighed /= weighed.sum()
    best = int(weighed.argmax())
    return names[best], float(weighed[best])


def cache_key(task: Task, question: Question, large: LargeModel) -> str:
    """Name an answer: same task, wording, model and template give the same one."""
    parts = (
        task.version,
        VERSION,
        large.settings.base_url,
        large.settings.model,
        question.row.text,
        question.row.other,
    )
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def review_value(uncertainty: float, count: int) -> float:
    """How much a person's verdict is worth: unsure and frequent templates first."""
    return uncertainty * float(np.log1p(count))
