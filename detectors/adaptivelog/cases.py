"""Error cases (ECR): rows that were judged wrongly, with the truth and why it is the truth.

They go into the prompt when a similar row is asked about. Only rows whose label a person gave,
or that came with a true label, may become cases: one planted by the log's author would be
repeated to the large model for ever.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from adaptivelog.errors import BadState
from adaptivelog.examples import Row
from adaptivelog.words import spread

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

MAX_CASES = 2000  # of a task; a hundred times what three in a prompt can draw from
MAX_REASON = 600  # characters; the paper's own reasons have 590 on average
NEAR = 0.9  # cosine from which two cases with one label say the same


@dataclass(frozen=True, slots=True)
class Case:
    """A row that was judged wrongly.

    Attributes
    ----------
    said : str
        The wrong label, empty where a person chose the row for another reason.
    reason : str
        Why `label` is right, in a sentence or two; may be empty.
    added_ns : int
        When, in nanoseconds since 1970; the older of two alike goes first.
    """

    row: Row
    label: str
    said: str = ""
    reason: str = ""
    added_ns: int = 0


class CaseBase:
    """The cases of one task, found again by similarity."""

    def __init__(self, cases: Iterable[Case] = (), *, limit: int = MAX_CASES) -> None:
        self._limit = limit
        self._cases: dict[Row, Case] = {}
        self._index: tuple[Any, Any] | None = None  # vectorizer and vectors of all cases
        for case in cases:
            self.add(case)

    @property
    def cases(self) -> tuple[Case, ...]:
        """All cases, in the order in which they came."""
        return tuple(self._cases.values())

    def add(self, case: Case) -> None:
        """Add a case; a later one about the same row replaces the earlier."""
        self._cases.pop(case.row, None)
        reason = case.reason.strip()[:MAX_REASON]
        self._cases[case.row] = Case(case.row, case.label, case.said, reason, case.added_ns)
        self._index = None

    def remove(self, row: Row) -> None:
        """Forget the case about a row, if there is one."""
        if self._cases.pop(row, None) is not None:
            self._index = None

    def prune(self) -> int:
        """Drop near copies with the same label, then the oldest over the limit; counts them.

        Of near copies the one with a reason stays, then the newer one.
        """
        before = len(self._cases)
        found = self.cases
        likeness = self._likeness([case.row for case in found]) if found else np.zeros((0, 0))
        worth = sorted(range(before), key=lambda n: (not found[n].reason, -found[n].added_ns))
        dropped: set[int] = set()
        for place, number in enumerate(worth):
            if number not in dropped:
                dropped |= {
                    n
                    for n in worth[place + 1 :]
                    if likeness[number, n] >= NEAR and found[n].label == found[number].label
                }
        for number in dropped:
            self.remove(found[number].row)
        oldest = sorted(self._cases.values(), key=lambda case: case.added_ns)
        for case in oldest[: max(0, len(oldest) - self._limit)]:
            self.remove(case.row)
        return before - len(self._cases)

    def nearest(self, row: Row, *, count: int = 3) -> tuple[Case, ...]:
        """Give the most similar cases, nearest first; none that has nothing in common."""
        found = self.cases
        if not found or count < 1:
            return ()
        likeness = self._likeness([row])[0]
        order = np.argsort(-likeness, kind="stable")[:count]
        return tuple(found[n] for n in order if likeness[n] > 0 and found[n].row != row)

    def save(self, path: Path) -> None:
        """Write one JSON object a line."""
        lines = [json.dumps(asdict(case), ensure_ascii=False) + "\n" for case in self.cases]
        path.write_text("".join(lines), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> CaseBase:
        """Read what `save` wrote."""
        base = cls()
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    fields = json.loads(line)
                    base.add(Case(**{**fields, "row": Row(**fields["row"])}))
                except (ValueError, TypeError, KeyError) as error:
                    raise BadState(f"{path}: line {number}: {error!r}") from error
        return base

    def _likeness(self, rows: Sequence[Row]) -> NDArray[np.float64]:
        """Cosine of TF-IDF vectors, (rows, cases)."""
        if self._index is None:
            # A second to import; where no case is ever looked up, nobody waits for it.
            from sklearn.feature_extraction.text import TfidfVectorizer

            # Character n-grams need no model and find names that were never seen whole.
            vectorizer = TfidfVectorizer(
                preprocessor=spread, analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True
            )
            self._index = vectorizer, vectorizer.fit_transform(map(_text, self._cases))
        vectorizer, vectors = self._index
        result: NDArray[np.float64] = (
            vectorizer.transform(map(_text, rows)) @ vectors.T
        ).toarray()
        return result


def _text(row: Row) -> str:
    return f"{row.text}\n{row.other}"
