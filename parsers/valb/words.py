"""What single words mean, as vectors: words that people use alike lie close together.

The tagger is trained on few systems; through these it knows that ``elapsed`` is like ``took``
when no labelled system had it. Templates and messages are not read here.
"""

from __future__ import annotations

import re
import sysconfig
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from safetensors.numpy import load_file, save_file

from valb.errors import BadModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    Encode = Callable[[Sequence[str]], NDArray[np.float32]]

WORDS = Path(__file__).parent / "weights" / "words.safetensors"
# More dimensions brought nothing that could be told from chance.
DIMENSIONS = 48
# Words of the standard library that are rarer there are left out.
LEAST_USES = 3
HUMPS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


class WordVectors:
    """A table of words, lower case, and their vectors."""

    def __init__(self, words: Sequence[str], vectors: NDArray[np.int8]) -> None:
        self.rows = {word: row for row, word in enumerate(words)}
        self.vectors = np.ascontiguousarray(vectors)

    def mean(self, text: str) -> NDArray[np.float32]:
        """Give the mean vector of an identifier's words, zeros where none is known."""
        words = map(str.lower, HUMPS.findall(text))
        rows = [self.rows[word] for word in words if word in self.rows]
        if not rows:
            return np.zeros(DIMENSIONS, np.float32)
        return np.asarray(self.vectors[rows].mean(0) / 127, np.float32)


@cache
def word_vectors() -> WordVectors:
    """Read the shipped table, once a process."""
    try:
        tensors = load_file(WORDS)
    except OSError as error:
        raise BadModel(f"{WORDS}: {error}") from error
    return WordVectors(tensors["words"].tobytes().decode().split("\n"), tensors["vectors"])


def vocabulary(known: Iterable[str]) -> list[str]:
    """List the words to have: an encoder's own, and those of Python's standard library."""
    uses: Counter[str] = Counter()
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("**/*.py")):
        if not {"site-packages", "test", "idlelib"} & set(path.parts):
            text = path.read_text("utf-8", "replace")
            uses.update(map(str.lower, HUMPS.findall(text)))
    words = {word for word in known if re.fullmatch(r"[a-z]{2,20}", word)}
    # What the synthetic logs are made of is needed in any case.
    for path in (Path(__file__).with_name(f"{name}.py") for name in ("phrases", "synthetic")):
        uses.update(LEAST_USES * [w.lower() for w in HUMPS.findall(path.read_text("utf-8"))])
    words |= {w for w, n in uses.items() if n >= LEAST_USES and 2 <= len(w) <= 20}
    return sorted(words)


def build(words: Sequence[str], encode: Encode, out: Path) -> None:
    """Write the table: each word's encoding, centred, its principal parts, 8 bits each."""
    vectors = encode(words).astype(np.float64)
    vectors -= vectors.mean(0)
    values, axes = np.linalg.eigh(vectors.T @ vectors)
    parts = vectors @ axes[:, np.argsort(-values)[:DIMENSIONS]]
    parts /= parts.std(0) * 4
    packed = (parts.clip(-1, 1) * 127).round().astype(np.int8)
    text = np.frombuffer("\n".join(words).encode(), np.uint8)
    save_file({"words": text.copy(), "vectors": packed}, out)
