"""The questions asked about a template or an anomaly, and the words they are asked in.

A task is data: a user's own taxonomy is a `Task` with other labels. Changing any word here
changes the task's version, and with it the key of every cached answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b


@dataclass(frozen=True, slots=True)
class Task:
    """A closed question: one of the labels is the answer.

    Attributes
    ----------
    name : str
        Identifies the task, ``severity``.
    question : str
        One sentence, as the large model and the reviewer read it.
    labels : tuple of (str, str)
        Label and what it means, in the order in which they are shown.
    explain : bool
        Whether a large model is also asked for cited lines and a next step.
    ordered : bool
        Whether the labels run from most to least severe: a large model alone never moves a row
        down such a list without a person looking at it.
    """

    name: str
    question: str
    labels: tuple[tuple[str, str], ...]
    explain: bool = False
    ordered: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The labels alone."""
        return tuple(name for name, _ in self.labels)

    @property
    def version(self) -> str:
        """Twelve hex digits that change with any word of the task."""
        text = repr((self.name, self.question, self.labels, self.explain))
        return blake2b(text.encode(), digest_size=6).hexdigest()

    def with_labels(self, labels: tuple[tuple[str, str], ...]) -> Task:
        """Give the same task over a user's own taxonomy."""
        return replace(self, labels=labels)


SEVERITY = Task(
    "severity",
    "How severe is what this log message reports, for whoever runs the system?",
    (
        ("critical", "service is lost or data is at risk now"),
        ("error", "something failed and was not made good"),
        ("warning", "nothing failed yet, or it was made good, but it deserves a look"),
        ("info", "normal operation"),
        ("debug", "detail for developers"),
    ),
    ordered=True,
)
CATEGORY = Task(
    "category",
    "Which part of the system is this log message about?",
    (
        ("authentication", "logins, credentials, permissions, certificates of users"),
        ("network", "connections, name resolution, time-outs between machines"),
        ("storage", "disks, files, volumes, databases' files"),
        ("memory", "allocation, paging, garbage collection, out of memory"),
        ("cpu", "load, scheduling, throttling, temperature"),
        ("configuration", "settings, flags, versions, missing options"),
        ("dependency", "another service or library that this one needs"),
        ("crash", "a process that ended, an unhandled exception, a panic"),
        ("security", "attacks, scans, policy violations, blocked requests"),
        ("other", "none of these"),
    ),
)
PROBLEM = Task(
    "problem",
    "Does this log message report a problem that someone should look at?",
    (("yes", "someone should look at it"), ("no", "it can be left alone")),
)
EXPLANATION = Task(
    "explanation",
    "What does this log message mean, how severe is it, and what should be done next?",
    SEVERITY.labels,
    explain=True,
    ordered=True,
)
ANOMALY_SEVERITY = Task(
    "anomaly_severity",
    "How severe is this unusual stretch of a log, given the lines that stand out?",
    SEVERITY.labels,
    explain=True,
    ordered=True,
)
ANOMALY_PROBLEM = Task(
    "anomaly_problem",
    "Is this unusual stretch of a log a problem that someone should look at?",
    PROBLEM.labels,
)
TASKS = {
    task.name: task
    for task in (SEVERITY, CATEGORY, PROBLEM, EXPLANATION, ANOMALY_SEVERITY, ANOMALY_PROBLEM)
}
