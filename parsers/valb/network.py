"""Taggers at work: the layers of `tagger`, without torch and a few times as fast.

A process that parses loads this; torch is for those that train. The same numbers come out up to
rounding, as `tests/valb/test_network.py` holds.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from valb._network import Layers
from valb.category import CATEGORIES
from valb.errors import BadModel
from valb.scores import TAGS, VERSION, Scores

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from valb.features import Features, Lexicon

    Floats = NDArray[np.float32]

# Columns of a matrix that the compiled code takes at once.
PANEL = 16


class Network:
    """Taggers whose scores are averaged, as `tagger.Committee` has them.

    Parameters
    ----------
    members : sequence of mapping
        The weights of each tagger by torch's names.
    plain : bool
        Compute as on a processor without AVX2.
    """

    def __init__(self, members: Sequence[Mapping[str, Floats]], *, plain: bool = False) -> None:
        self._members = [_layers(member, plain=plain) for member in members]

    def score(self, items: Sequence[Features], lexicon: Lexicon) -> list[Scores]:
        """Score views, in the order given; what comes out does not hang on the other views."""
        lengths = np.array([len(item) for item in items], np.int64)
        total = int(lengths.sum())
        tags = np.zeros((total, TAGS), np.float32)
        categories = np.zeros((total, len(CATEGORIES)), np.float32)
        if total:
            numbers = np.concatenate([item.atoms for item in items])
            used, which = np.unique(numbers, return_inverse=True)
            words = lexicon.rows(used)
            dense = np.concatenate([item.dense for item in items])
            out = (tags, categories, 1 / len(self._members))
            for member in self._members:
                member.score(words, which, dense, lengths[lengths > 0], out)
        ends = np.cumsum(lengths)[:-1]
        both = zip(np.split(tags, ends), np.split(categories, ends), strict=True)
        return [Scores(*one) for one in both][: len(items)]


def load(folder: Path) -> Network:
    """Read what `tagger.Committee.save` wrote.

    Raises
    ------
    BadModel
        The files are missing, damaged, or of another version.
    """
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text())
        count, version = int(config.get("members", 1)), int(config["version"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadModel(f"{path}: {error!r}") from error
    if version != VERSION:
        raise BadModel(f"{path}: version {version}, this program reads {VERSION}")
    path = folder / "weights.safetensors"
    try:
        state = load_file(path)
        return Network(
            [
                {
                    name.partition(".")[2]: value.astype(np.float32)
                    for name, value in state.items()
                    if name.startswith(f"{number}.")
                }
                for number in range(count)
            ]
        )
    except (OSError, SafetensorError, KeyError, ValueError, IndexError) as error:
        raise BadModel(f"{path}: {error!r}") from error


def _packed(weight: Floats) -> Floats:
    """Put a layer's weights (out, in) in panels of columns: (panels, in, PANEL)."""
    out, width = weight.shape
    padded = np.zeros((-(-out // PANEL) * PANEL, width), np.float32)
    padded[:out] = weight
    return np.ascontiguousarray(padded.reshape(-1, PANEL, width).transpose(0, 2, 1))


def _padded(bias: Floats) -> Floats:
    return np.pad(bias, (0, -len(bias) % PANEL)).astype(np.float32)


def _layers(state: Mapping[str, Floats], *, plain: bool) -> Layers:
    """Pack one tagger. A norm before a product becomes a part of the product's weights."""
    width, hidden = state["looks.weight"].shape[0], state["enter.1.weight"].shape[0]
    steps = [2**n for n in range(sum(name.endswith(".mix.weight") for name in state))]
    enter = state["enter.1.weight"]
    leave = np.concatenate([state["category.0.weight"], state["tag.weight"]])
    leave_bias = np.concatenate([state["category.0.bias"], state["tag.bias"]])
    arrays = {
        "embedding": state["embed.weight"],
        "looks": _packed(state["looks.weight"]),
        "looks_bias": state["looks.bias"],
        "dense": _packed(state["dense.0.weight"]),
        "dense_bias": _padded(state["dense.0.bias"]),
        "category": _packed(state["category.2.weight"]),
        "category_bias": _padded(state["category.2.bias"]),
        **_normed(
            "enter", enter, state["enter.1.bias"], state["enter.0.weight"],
            state["enter.0.bias"], {"looks": width, "dense": width},
        ),
        **_normed(
            "leave", leave, leave_bias, state["leave.weight"], state["leave.bias"],
            {"states": hidden, "whole": hidden, "looks": width, "dense": width},
        ),
    }  # fmt: skip
    for n in range(len(steps)):
        before, at, behind = np.split(state[f"blocks.{n}.mix.weight"], 3, axis=1)
        arrays |= {
            f"scale_{n}": state[f"blocks.{n}.norm.weight"],
            f"shift_{n}": state[f"blocks.{n}.norm.bias"],
            f"before_{n}": _packed(before),
            f"at_{n}": _packed(at),
            f"behind_{n}": _packed(behind),
            f"bias_{n}": state[f"blocks.{n}.mix.bias"],
        }
    return Layers((width, hidden, TAGS, len(CATEGORIES)), steps, arrays, plain=plain)


def _normed(
    name: str, weight: Floats, bias: Floats, scale: Floats, shift: Floats, parts: dict[str, int]
) -> dict[str, Floats]:
    """Pack a product of normalised rows, by the parts that the rows are made of."""
    scaled = weight * scale
    ends = np.cumsum(list(parts.values()))[:-1]
    return {
        f"{name}_fold": _padded(scaled.sum(1)),
        f"{name}_shift": _padded(weight @ shift + bias),
        **{
            f"{name}_{part}": _packed(block)
            for part, block in zip(parts, np.split(scaled, ends, axis=1), strict=True)
        },
    }
