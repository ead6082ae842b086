"""Whether the large model is worth asking: both answers against the truth, on routed rows."""

from __future__ import annotations

from dataclasses import dataclass

MIN_ROWS = 20  # before that many, a difference is noise either way
# Before any truth is known: gpt-3.5 was right on 78 % of routed rows of nine sets.
PRIOR_RIGHT, PRIOR_ROWS = 8.0, 10.0


@dataclass
class Trial:
    """Counts over routed rows whose true label became known."""

    both: int = 0
    only_large: int = 0
    only_small: int = 0
    neither: int = 0

    @property
    def rows(self) -> int:
        """Routed rows with a known truth."""
        return self.both + self.only_large + self.only_small + self.neither

    @property
    def gain(self) -> float:
        """Accuracy of the large model minus that of the small one; 0 before any row."""
        return (self.only_large - self.only_small) / self.rows if self.rows else 0.0

    @property
    def is_worth_asking(self) -> bool:
        """Whether the large model was better, or nobody can say yet."""
        return self.rows < MIN_ROWS or self.only_large > self.only_small

    @property
    def reliability(self) -> float:
        """How often the large model is right on routed rows, from 0 to 1."""
        return (self.both + self.only_large + PRIOR_RIGHT) / (self.rows + PRIOR_ROWS)

    def record(self, *, small: str, large: str, truth: str) -> None:
        """Count a row for which a person, or a true label, said what is right."""
        if small == truth and large == truth:
            self.both += 1
        elif large == truth:
            self.only_large += 1
        elif small == truth:
            self.only_small += 1
        else:
            self.neither += 1
