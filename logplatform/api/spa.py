"""The dashboard's one page, for every address that is no file and no API."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from logplatform.api.problems import problem

if TYPE_CHECKING:
    from django.http import HttpRequest


@require_safe
def page(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  (the page reads its address)
    """Return the built index page; never cached, as it names the hashed files."""
    index = settings.FRONTEND / "index.html"
    if not index.is_file():
        return problem(HTTPStatus.NOT_FOUND, "the dashboard is not built; run `make setup`")
    response = HttpResponse(index.read_bytes(), content_type="text/html; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response
