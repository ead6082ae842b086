"""What happened, in sentences made of figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logplatform.reports.content import Section
from logplatform.reports.figures import levels_of
from logplatform.reports.wording import change, number, plural

if TYPE_CHECKING:
    from logplatform.reports.figures import Figures

BAD = ("error", "fatal")


def summary(figures: Figures, others: tuple[Section, ...]) -> Section:
    """Return the sentences that a reader needs who reads nothing else."""
    sentences = [_volume(figures), _errors(figures), _unheard(figures)]
    # Errors have their sentence already.
    notable = [of for of in others if of.is_notable and of.key != "severity"]
    sentences += [section.sentences[0] for section in notable]
    if not any(section.is_notable for section in others):
        sentences.append("Nothing else stands out.")
    return Section("summary", "In short", tuple(sentence for sentence in sentences if sentence))


def _volume(figures: Figures) -> str:
    now, before = figures.records, figures.records_before
    sources = plural(len(figures.sources), "source")
    if not now and not before:
        return f"No records from {sources}, as in the time before."
    return (
        f"{plural(now, 'record')} from {sources}, {_against(now, before)} the time before "
        f"({number(before)})."
    )


def _errors(figures: Figures) -> str:
    now = sum(levels_of(figures.volume).get(level, 0) for level in BAD)
    before = sum(levels_of(figures.week_before).get(level, 0) for level in BAD)
    if not figures.records:
        return ""
    share = now / figures.records
    week = (
        f"{_against(now, before)} the same weekdays before ({number(before)})"
        if figures.week_before.total
        else "with no records of the same weekdays before to compare with"
    )
    return f"{plural(now, 'error')} ({share:.2%} of all records), {week}."


def _unheard(figures: Figures) -> str:
    names = sorted(figures.unheard)
    if not names or len(names) == len(figures.sources):
        return ""
    return f"Not heard in the time before, so not compared: {', '.join(names)}."


def _against(now: int, before: int) -> str:
    said = change(now, before)
    if said == "same":
        return "as many as in"
    if said == "new":
        return "after none in"
    return f"{said} against" if said != "gone" else "none any more, against"
