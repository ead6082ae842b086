"""Checkpoints: ``config.json`` and ``weights.safetensors`` in a folder.

Learned attributes end in ``_``; arrays go to one file, numbers and texts to the other. Whoever
calls decides which objects make a checkpoint.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from glad.errors import BadCheckpoint

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

CONFIG, WEIGHTS = "config.json", "weights.safetensors"


def learned(members: Mapping[str, object]) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Collect what some objects have learned: arrays, and what JSON can hold."""
    arrays: dict[str, NDArray[Any]] = {}
    values: dict[str, Any] = {}
    for name, member in members.items():
        for attribute, value in vars(member).items():
            if not attribute.endswith("_"):
                continue
            if isinstance(value, np.ndarray):
                arrays[f"{name}.{attribute}"] = np.ascontiguousarray(value)
            else:
                values[f"{name}.{attribute}"] = value
    return arrays, values


def restore(
    members: Mapping[str, object], arrays: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    """Give some objects back what `learned` collected of them."""
    for full_name, value in {**arrays, **values}.items():
        name, _, attribute = full_name.rpartition(".")
        if name in members:
            setattr(members[name], attribute, value)


def write_checkpoint(
    folder: Path, config: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
) -> None:
    """Write a checkpoint; the folder is made."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(dict(arrays), folder / WEIGHTS)
    # The configuration goes last: a folder without one is no checkpoint.
    (folder / CONFIG).write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def read_checkpoint(folder: Path, version: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read a checkpoint of a version: configuration and arrays."""
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadCheckpoint(f"{folder / CONFIG}: {error}") from error
    if not isinstance(config, dict) or config.get("version") != version:
        raise BadCheckpoint(f"{folder / CONFIG}: not a detector of version {version}")
    try:
        arrays = load_file(folder / WEIGHTS)
    except (OSError, SafetensorError) as error:
        raise BadCheckpoint(f"{folder / WEIGHTS}: {error}") from error
    return config, arrays
