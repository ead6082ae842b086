"""The logs that ship with the platform, made by running real software; see metadata.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from logplatform.logs.errors import UnknownSampleError
from logplatform.logs.models import Source
from logplatform.logs.services import Accepted, accept_upload, create_source
from logscan import open_input

if TYPE_CHECKING:
    from logplatform.accounts.models import Team

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample log. ``searches`` are queries worth trying, with their number of hits."""

    name: str
    file: str
    title: str
    description: str
    lines: int
    bytes: int
    searches: tuple[dict[str, object], ...]

    def summary(self) -> dict[str, object]:
        """Return what a person chooses by."""
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "lines": self.lines,
            "bytes": self.bytes,
            "searches": list(self.searches),
        }


def load_samples() -> list[Sample]:
    """Return all samples."""
    entries = json.loads((FOLDER / "metadata.json").read_text(encoding="utf-8"))
    return [
        Sample(
            name=entry["name"],
            file=entry["file"],
            title=entry["title"],
            description=entry["description"],
            lines=entry["lines"],
            bytes=entry["bytes"],
            searches=tuple(entry["searches"]),
        )
        for entry in entries
    ]


def ingest_sample(*, team: Team, name: str) -> tuple[Source, Accepted]:
    """Load a sample into the team's source of its name; a second time is a duplicate."""
    sample = next((sample for sample in load_samples() if sample.name == name), None)
    if sample is None:
        raise UnknownSampleError(f"no sample named {name}")
    source = Source.objects.filter(team=team, name=name).first()
    source = source or create_source(team=team, name=name)
    with open_input(FOLDER / sample.file) as stream:
        return source, accept_upload(source, stream)
