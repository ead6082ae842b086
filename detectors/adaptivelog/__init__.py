"""A small model that answers, and knows when to ask a large one (AdaptiveLog, TOSEM 2025)."""

from adaptivelog.budget import Budget, Limits
from adaptivelog.cases import Case, CaseBase
from adaptivelog.errors import (
    AdaptivelogError,
    BadAnswer,
    BadLabels,
    BadModel,
    BadState,
    LargeModelDown,
    LargeModelError,
    LargeModelRefused,
    UnreachableTarget,
)
from adaptivelog.examples import Example, Row, read_examples
from adaptivelog.large import LargeAnswer, LargeModel, LargeSettings, Usage
from adaptivelog.model import Predictions, SmallModel
from adaptivelog.prompts import Question, Reply
from adaptivelog.redaction import Redactor, TypedValue
from adaptivelog.router import Decision, Router, Source, Why, cache_key, review_value
from adaptivelog.tasks import (
    ANOMALY_PROBLEM,
    ANOMALY_SEVERITY,
    CATEGORY,
    EXPLANATION,
    PROBLEM,
    SEVERITY,
    TASKS,
    Task,
)
from adaptivelog.training import HeldOut, Mistake, TrainConfig, Training, train
from adaptivelog.trial import Trial
from adaptivelog.uncertainty import Threshold, threshold_for_accuracy, threshold_for_share

__all__ = [
    "ANOMALY_PROBLEM",
    "ANOMALY_SEVERITY",
    "CATEGORY",
    "EXPLANATION",
    "PROBLEM",
    "SEVERITY",
    "TASKS",
    "AdaptivelogError",
    "BadAnswer",
    "BadLabels",
    "BadModel",
    "BadState",
    "Budget",
    "Case",
    "CaseBase",
    "Decision",
    "Example",
    "HeldOut",
    "LargeAnswer",
    "LargeModel",
    "LargeModelDown",
    "LargeModelError",
    "LargeModelRefused",
    "LargeSettings",
    "Limits",
    "Mistake",
    "Predictions",
    "Question",
    "Redactor",
    "Reply",
    "Router",
    "Row",
    "SmallModel",
    "Source",
    "Task",
    "Threshold",
    "TrainConfig",
    "Training",
    "Trial",
    "TypedValue",
    "UnreachableTarget",
    "Usage",
    "Why",
    "cache_key",
    "read_examples",
    "review_value",
    "threshold_for_accuracy",
    "threshold_for_share",
    "train",
]
