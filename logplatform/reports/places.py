"""Addresses of the dashboard's pages, for messages and reports."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from django.conf import settings

from logplatform.logs.timestamps import format_time

if TYPE_CHECKING:
    from collections.abc import Mapping


def page(path: str, parameters: Mapping[str, str] | None = None) -> str:
    """Return a page's whole address; empty where the operator has not said ours."""
    base: str = settings.CONFIG.public_address.rstrip("/")
    return f"{base}{local(path, parameters)}" if base else ""


def local(path: str, parameters: Mapping[str, str] | None = None) -> str:
    """Return a page's address within the dashboard."""
    given = {name: value for name, value in (parameters or {}).items() if value}
    query = urlencode(given, quote_via=quote)
    return f"{path}?{query}" if query else path


def explore(query: str, source: str, start_ns: int, end_ns: int) -> dict[str, str]:
    """Return the parameters of the explore page for a search."""
    return {
        "q": query,
        "source": source,
        "from": format_time(start_ns),
        "to": format_time(end_ns),
    }
