"""Pages of rows, newest first: the cursor is the last row of the page before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Q
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.http import HttpRequest

Row = TypeVar("Row", bound="Model")

MAX_PAGE = 100
PARAMETERS = [
    OpenApiParameter("cursor", str, description="the cursor of the page before"),
    OpenApiParameter("limit", int, description=f"1 to {MAX_PAGE}"),
]


def read_page(rows: QuerySet[Row], request: HttpRequest) -> tuple[list[Row], str | None]:
    """Return one page of rows that have ``created``, and the cursor of the next one."""
    limit = _limit(request.GET.get("limit", str(MAX_PAGE)))
    ordered = rows.order_by("-created", "-pk")
    cursor = request.GET.get("cursor")
    if cursor:
        last: Any = _find(rows, cursor)
        ordered = ordered.filter(
            Q(created__lt=last.created) | Q(created=last.created, pk__lt=last.pk)
        )
    found = list(ordered[: limit + 1])
    has_more = len(found) > limit
    return found[:limit], str(found[limit - 1].pk) if has_more else None


def _limit(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= MAX_PAGE:
        raise ValidationError({"limit": f"1 to {MAX_PAGE}"})
    return int(text)


def _find(rows: QuerySet[Row], cursor: str) -> Row:
    try:
        last = rows.filter(pk=cursor).first()
    except (ValueError, DjangoValidationError):
        last = None
    if last is None:
        raise ValidationError({"cursor": "not one of ours, or its row is gone"})
    return last
