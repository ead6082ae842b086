"""``valb label``: templates of a file are shown and corrected, and others learn from that.

Corrections come from a person at a prompt or from a file of labels: lines of typed templates,
each with the id of the template that it corrects and a tab before it, or without.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from valb.errors import BadExample, BadLabels
from valb.examples import write_examples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from typing import TextIO

    from logscan import RecordBatch
    from valb.annotator import Annotator
    from valb.templates import Template

# Blocks of a file that are looked at, 16 MiB each: enough to see its templates.
MOST_BLOCKS = 8
# What a saved model is, besides its examples.
MODEL_FILES = ("config.json", "weights.safetensors")
# Messages shown of a template.
SHOWN = 2
_ID = re.compile(r"\s*(?:[0-9a-f]{16})?\s*$")
_HELP = (
    "Enter if a template is right, its corrected text if not, s to skip it, q when done.\n"
    "Variables are <OID> <LOI> <OBN> <TID> <SID> <TDA> <CRS> <OBA> <STC> <OTP>, or <*>.\n"
)


@dataclass(frozen=True, slots=True)
class Label:
    """A corrected template; ``template`` is the id of the one that it corrects, if known."""

    typed_text: str
    template: str = ""

    def line(self) -> str:
        """Write it as `read_labels` reads it."""
        return f"{self.template}\t{self.typed_text}\n"


def read_labels(path: Path) -> list[Label]:
    """Read a file of labels; blank lines and those that begin with ``#`` are left out."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadLabels(f"{path}: {error}") from error
    labels = []
    for line in lines:
        if line.strip() and not line.startswith("#"):
            head, tab, rest = line.partition("\t")
            labels.append(Label(rest, head.strip()) if tab and _ID.match(head) else Label(line))
    return labels


class Labelling:
    """The templates of some blocks of a file, and what a person said of them.

    Parameters
    ----------
    annotator : Annotator
        One that knows no source yet.
    batches : callable
        Reads the file's blocks from its start, each time that it is called.
    """

    def __init__(
        self, annotator: Annotator, batches: Callable[[], Iterable[RecordBatch]]
    ) -> None:
        self._annotator = annotator
        self._batches = batches
        self._counts: Counter[str] = Counter()
        self.labels: list[Label] = []
        for batch in islice(batches(), MOST_BLOCKS):
            annotation = annotator.annotate(batch)
            totals = np.bincount(
                annotation.template, batch.counts(), minlength=len(annotation.templates)
            )
            for template, total in zip(annotation.templates, totals.tolist(), strict=True):
                self._counts[template.id] += int(total)
            for old, new in annotation.merged.items():
                self._counts[new] += self._counts.pop(old, 0)

    def templates(self) -> list[Template]:
        """Give the templates, those of most records first."""
        found = self._annotator.templates
        return sorted(found, key=lambda template: (-self._counts[template.id], template.id))

    def list_to(self, out: TextIO) -> None:
        """Write all templates as labels that are commented out, with messages of each."""
        out.write("# Take the # from the lines of templates that are right, or correct them.\n")
        for template in self.templates():
            out.write(f"\n## {self._counts[template.id]} records\n")
            out.writelines(f"## {text}\n" for text in self._shown(template))
            out.write("#" + Label(template.typed_text, template.id).line())

    def take(self, label: Label) -> None:
        """Correct a template."""
        correction = self._annotator.correct(label.typed_text, label.template)
        for old, new in correction.merged.items():
            self._counts[new] += self._counts.pop(old, 0)
        self.labels.append(label)

    def ask(self, answers: Iterable[str], out: TextIO) -> None:
        """Show template after template and take what a person answers."""
        out.write(_HELP)
        lines = iter(answers)
        done: set[str] = set()
        while True:
            left = [template for template in self.templates() if template.id not in done]
            if not left:
                return
            template = left[0]
            done.add(template.id)
            out.write(
                f"\n{self._counts[template.id]} records; {len(left) - 1} more templates\n"
            )
            out.writelines(f"    {text}\n" for text in self._shown(template))
            out.write(f"{template.typed_text}\n")
            if not self._answered(template, lines, out):
                return

    def _answered(self, template: Template, lines: Iterable[str], out: TextIO) -> bool:
        """Take the answer to one template; False where there are to be no more."""
        out.write("> ")
        out.flush()
        for line in lines:
            answer = line.strip()
            if answer in ("q", "s"):
                return answer == "s"
            try:
                self.take(Label(answer or template.typed_text, template.id))
            except BadExample as error:
                out.write(f"{error}\n> ")
                out.flush()
            else:
                return True
        return False

    def _shown(self, template: Template) -> list[str]:
        return [text[:400] for text in self._annotator.messages(template.id, SHOWN)]

    def learn(self, folder: Path, *, fine_tunes: bool = False, seed: int = 0) -> None:
        """Save a model that obeys what was labelled and learns from it (see `neighbours`).

        With ``fine_tunes`` its tagger is fine-tuned as well.
        """
        examples = self._annotator.examples
        if not examples:
            raise BadLabels("no template was labelled")
        if fine_tunes:
            # torch comes with it.
            from valb.fine_tuning import FineTuningConfig, fine_tune
            from valb.tagger import load

            batches = islice(self._batches(), MOST_BLOCKS)
            config = FineTuningConfig(seed=seed)
            fine_tune(load(self._annotator.model), batches, examples, config).save(folder)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            for name in MODEL_FILES:
                data = (self._annotator.model / name).read_bytes()
                (folder / name).write_bytes(data)
        write_examples(folder, examples)
