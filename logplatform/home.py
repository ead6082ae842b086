"""The home folder: where the database, segments and write-ahead files of one platform lie.

Only places and the secret key are here; what the files hold is the business of `logs`.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = (
    "segments",
    "wal",
    "annotators",
    "broker",
    "broker/control",
    "reports",
    "models",
    "detectors",
)


@dataclass(frozen=True, slots=True)
class Home:
    """The paths below one home folder."""

    root: Path

    @property
    def segments(self) -> Path:
        """Immutable segment files, ``<source>/<name>.lgz``."""
        return self.root / "segments"

    @property
    def wal(self) -> Path:
        """Bytes accepted and not sealed yet."""
        return self.root / "wal"

    @property
    def annotators(self) -> Path:
        """States of the sources' annotators, ``<source>/<version>.json.zst``."""
        return self.root / "annotators"

    @property
    def reports(self) -> Path:
        """Pictures and PDFs of reports, ``<report>/<name>``."""
        return self.root / "reports"

    @property
    def models(self) -> Path:
        """Small models that were trained here, ``<task>/<version>/``."""
        return self.root / "models"

    @property
    def detectors(self) -> Path:
        """Trained detectors, one folder a version: ``<source>/<name>/``."""
        return self.root / "detectors"

    @property
    def broker(self) -> Path:
        """Messages of the embedded broker."""
        return self.root / "broker"

    def create(self) -> None:
        """Make the folders that are missing, readable by the owner alone."""
        for folder in ("", *FOLDERS):
            (self.root / folder).mkdir(mode=0o700, parents=True, exist_ok=True)

    def secret_key(self) -> str:
        """Return the home's secret key, made at first use.

        Two processes may start at once: the key is linked into place complete, and the loser
        reads the winner's.
        """
        path = self.root / "secret_key"
        if not path.exists():
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = self.root / f".secret_key.{os.getpid()}"
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(48))
                file.flush()
                os.fsync(file.fileno())
            _link_once(draft, path)
        return path.read_text(encoding="ascii")


def _link_once(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()
