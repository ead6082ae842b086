"""Structures to templates whose variables carry a category: a variable-aware log parser."""

from valb.annotator import Annotator
from valb.category import CATEGORIES, Category
from valb.errors import BadLabels, BadModel, BadState, ValbError
from valb.templates import Annotation, Revision, Template

__all__ = [
    "CATEGORIES",
    "Annotation",
    "Annotator",
    "BadLabels",
    "BadModel",
    "BadState",
    "Category",
    "Revision",
    "Template",
    "ValbError",
]
