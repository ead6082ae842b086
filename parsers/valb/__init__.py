"""Structures to templates whose variables carry a category: a variable-aware log parser."""

from valb.annotator import Annotator
from valb.category import CATEGORIES, Category
from valb.errors import BadExample, BadLabels, BadModel, BadState, ValbError
from valb.examples import Example
from valb.templates import Annotation, Correction, Revision, Template

__all__ = [
    "CATEGORIES",
    "Annotation",
    "Annotator",
    "BadExample",
    "BadLabels",
    "BadModel",
    "BadState",
    "Category",
    "Correction",
    "Example",
    "Revision",
    "Template",
    "ValbError",
]
