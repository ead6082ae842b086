"""When a rule fires: pure arithmetic on counts per minute, the same live and in a back-test."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from logplatform.detection.models import AnomalyKind
from logplatform.logs.query_tree import CATEGORIES
from logplatform.reports.errors import InvalidRuleError
from logplatform.reports.models import RuleKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]

OPERATORS = (">=", "<=")
DIRECTIONS = ("up", "down", "either")
STATISTICS = ("p50", "p90", "p95", "p99", "max", "min", "distinct")
# What an anomaly may be, as `detection.models.AnomalyKind` has them; empty is any.
ANOMALY_KINDS = ("", *AnomalyKind.values)
MAX_WINDOW_MIN = 1440
MAX_BASELINE_WINDOWS = 24
MAX_LOOKBACK_MIN = 1440 * 2
# What the kinds that compare with the time before hold against a window without any record.
NEVER = 0.5


@dataclass(frozen=True, slots=True)
class Condition:
    """What has to be true of a window for a group to fire.

    Attributes
    ----------
    window_min
        Minutes that are looked at together; the window ends with the minute that is judged.
    op, threshold
        For counts and variables: fires at ``>=`` or ``<=`` the threshold. A variable's
        threshold is in seconds, bytes or the variable's own numbers.
    factor, direction, baseline_windows, min_count
        For rates and template changes: fires when the window holds ``factor`` times as many
        records as the mean of so many windows before it (or that many times fewer), if the
        larger of the two is at least ``min_count``.
    category, statistic
        For variables: which of them, and what of their values.
    anomaly_kind, min_score
        For anomalies: of which detector, empty for any, and how clear (-log10 of the tail
        probability; every anomaly has at least 3).
    """

    kind: RuleKind
    window_min: int = 5
    op: str = ">="
    threshold: float = 1.0
    factor: float = 3.0
    direction: str = "up"
    baseline_windows: int = 12
    min_count: int = 10
    category: str = "duration"
    statistic: str = "p95"
    anomaly_kind: str = ""
    min_score: float = 0.0

    def __post_init__(self) -> None:
        checks = {
            f"window_min: 1 to {MAX_WINDOW_MIN}": 1 <= self.window_min <= MAX_WINDOW_MIN,
            f"op: one of {', '.join(OPERATORS)}": self.op in OPERATORS,
            f"direction: one of {', '.join(DIRECTIONS)}": self.direction in DIRECTIONS,
            f"statistic: one of {', '.join(STATISTICS)}": self.statistic in STATISTICS,
            f"category: one of {', '.join(CATEGORIES)}": self.category in CATEGORIES,
            f"anomaly_kind: one of {', '.join(ANOMALY_KINDS[1:])}, or empty": (
                self.anomaly_kind in ANOMALY_KINDS
            ),
            "min_score: 0 to 1000": 0 <= self.min_score <= 1000,
            "factor: 1.1 to 1000": 1.1 <= self.factor <= 1000,
            f"baseline_windows: 1 to {MAX_BASELINE_WINDOWS}": 1
            <= self.baseline_windows
            <= MAX_BASELINE_WINDOWS,
            "min_count: 1 or more": self.min_count >= 1,
            "threshold: a finite number": bool(np.isfinite(self.threshold)),
            f"the window and those before it: at most {MAX_LOOKBACK_MIN} minutes": (
                self.lookback_min <= MAX_LOOKBACK_MIN
            ),
        }
        wrong = [text for text, is_right in checks.items() if not is_right]
        if wrong:
            raise InvalidRuleError("; ".join(wrong))

    @property
    def compares(self) -> bool:
        """Whether the window is held against those before it."""
        return self.kind in {RuleKind.RATE, RuleKind.TEMPLATE_CHANGE}

    @property
    def is_of_events(self) -> bool:
        """Whether it fires for things that come up, instead of for what a window holds."""
        return self.kind in {RuleKind.NEW_TEMPLATE, RuleKind.ANOMALY}

    @property
    def lookback_min(self) -> int:
        """Minutes that judging one minute needs, that minute included."""
        if self.is_of_events:
            return 1
        return self.window_min * (1 + self.baseline_windows * self.compares)

    def to_json(self) -> dict[str, Any]:
        """Return what a row holds; the kind is a column of its own."""
        return {name: value for name, value in asdict(self).items() if name != "kind"}


def read_condition(kind: str, given: dict[str, Any]) -> Condition:
    """Read a condition of a row or a request."""
    known = {field.name for field in fields(Condition)} - {"kind"}
    unknown = sorted(set(given) - known)
    if unknown:
        raise InvalidRuleError(f"condition: no {', '.join(unknown)}")
    return Condition(RuleKind(kind), **given)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What each judged minute gave: a value, and whether the condition holds; shape (n,)."""

    values: NDArray[np.float64]
    baselines: NDArray[np.float64] | None
    is_met: NDArray[np.bool_]

    def last(self, number: int) -> NDArray[np.bool_]:
        """Say for the last so many minutes whether the condition holds."""
        return self.is_met[len(self.is_met) - number :]


def judge_counts(condition: Condition, counts: Counts) -> Judgement:
    """Judge each minute that has its whole lookback.

    Parameters
    ----------
    condition : Condition
    counts : ndarray of shape (lookback_min - 1 + n,)
        Records per minute; the last n are judged.
    """
    sums = _window_sums(counts, condition.window_min)
    if not condition.compares:
        values = sums[condition.lookback_min - condition.window_min :]
        if condition.kind == RuleKind.ABSENCE:
            return Judgement(values, None, values == 0)
        return Judgement(values, None, compare(values, condition))
    span = condition.window_min * condition.baseline_windows
    n = len(counts) - condition.lookback_min + 1
    values = sums[-n:] if n else sums[:0]
    before = _window_sums(counts, span)[:n] / condition.baseline_windows
    is_met = np.zeros(n, bool)
    if condition.direction != "down":
        is_met |= (values >= condition.factor * np.maximum(before, NEVER)) & (
            values >= condition.min_count
        )
    if condition.direction != "up":
        is_met |= (values * condition.factor <= before) & (before >= condition.min_count)
    return Judgement(values, before, is_met)


def compare(values: NDArray[np.float64], condition: Condition) -> NDArray[np.bool_]:
    """Return where values pass the threshold; what is not a number never does."""
    if condition.op == ">=":
        return values >= condition.threshold
    return values <= condition.threshold


def _window_sums(counts: Counts, width: int) -> NDArray[np.float64]:
    """Return the sums of all windows of a width, shape (len - width + 1,)."""
    total = np.concatenate(([0], np.cumsum(counts, dtype=np.float64)))
    return total[width:] - total[:-width]


def describe(condition: Condition, value: float, baseline: float | None) -> str:
    """Say what was found, in one sentence."""
    span = f"{condition.window_min} min"
    match condition.kind:
        case RuleKind.ABSENCE:
            return f"no record in {span}"
        case RuleKind.NEW_TEMPLATE:
            return "never seen before"
        case RuleKind.RATE | RuleKind.TEMPLATE_CHANGE:
            before = f"{baseline:,.1f}" if baseline is not None else "unknown"
            return f"{value:,.0f} records in {span}, {before} in such a time before"
        case RuleKind.VARIABLE:
            name = f"{condition.statistic} of {condition.category}"
            return (
                f"{name} is {value:,.4g} over {span} ({condition.op} {condition.threshold:g})"
            )
        case _:
            limit = f"{condition.op} {condition.threshold:g}"
            return f"{value:,.0f} records in {span} ({limit})"
