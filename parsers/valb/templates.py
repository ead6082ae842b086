"""Templates and what an annotation says of a batch. How they are found is in `annotator`."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from logscan import Span
    from valb.category import Category
    from valb.header_variables import NamedVariable


@dataclass(frozen=True, slots=True)
class Template:
    """The constant text of a message with its variables marked.

    The id is made from the first text that the template had and stays when it generalises.
    """

    id: str
    text: str  # variables as <*>, runs of blanks as one
    typed_text: str  # variables as <OID>, <LOI> ...
    categories: tuple[Category, ...]


@dataclass(frozen=True, slots=True)
class Revision:
    """What became of a structure that an earlier batch had."""

    template: Template
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Correction:
    """What a corrected template changed, in the words of `Annotation`."""

    template: Template
    revised: Mapping[int, Revision]
    merged: Mapping[str, str]


@dataclass(frozen=True)
class Annotation:
    """The templates of a batch's ``S`` structures.

    ``spans[s]`` are the variables of structure ``s``, parallel to the categories of its
    template. ``revised`` has structures, by hash, whose template or spans are no longer what
    an earlier annotation said; ``merged`` has ids that ended, with the id that goes on.
    ``named[s]`` are the fields of structure ``s`` that its header format names, in the message
    and outside; those in it that vary are among ``spans`` too.
    """

    templates: tuple[Template, ...]
    template: NDArray[np.int32]  # (S,) index into `templates`
    spans: tuple[tuple[Span, ...], ...]
    revised: Mapping[int, Revision] = field(default_factory=dict)
    merged: Mapping[str, str] = field(default_factory=dict)
    named: tuple[tuple[NamedVariable, ...], ...] = ()


def template_id(text: str) -> str:
    """Make the id of a template whose first text this is: 16 hex digits."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
