"""The sections of a report, in their order: each makes its part of the figures, or nothing.

A new one is a module with a function like the others, a line in `SECTIONS` and its name in
`content.SECTION_NAMES`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from logplatform.reports.sections.anomalies import anomalies
from logplatform.reports.sections.detectors import detectors
from logplatform.reports.sections.gaps import gaps
from logplatform.reports.sections.severity import severity
from logplatform.reports.sections.storage import storage
from logplatform.reports.sections.summary import summary
from logplatform.reports.sections.templates import movers, new_templates, vanished_templates
from logplatform.reports.sections.variables import variables

if TYPE_CHECKING:
    from collections.abc import Callable

    from logplatform.reports.content import Section
    from logplatform.reports.figures import Figures

# The summary looks at the others' results, so it is made last and put first.
SECTIONS: dict[str, Callable[[Figures], Section | None]] = {
    "anomalies": anomalies,
    "severity": severity,
    "new_templates": new_templates,
    "vanished_templates": vanished_templates,
    "movers": movers,
    "variables": variables,
    "gaps": gaps,
    "detectors": detectors,
    "storage": storage,
}


def build_sections(figures: Figures, wanted: list[str]) -> tuple[Section, ...]:
    """Return the wanted sections that have something to say, the summary first."""
    made = [make(figures) for name, make in SECTIONS.items() if name in wanted]
    found = tuple(section for section in made if section is not None)
    if "summary" in wanted:
        return (summary(figures, found), *found)
    return found
