"""Errors as problem+json (RFC 9457): the one table from exception to HTTP status."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import Http404, HttpResponse, UnreadablePostError
from rest_framework import exceptions as rest

from logplatform.accounts import errors as accounts
from logplatform.detection import errors as detection
from logplatform.logs import errors as logs
from logplatform.logs.query import QueryError
from logplatform.reports import errors as reports
from logplatform.triage import errors as triage
from logscan.errors import InputTooLarge, ScanError, TruncatedInput
from logzip import CorruptSegment

if TYPE_CHECKING:
    from django.http import HttpRequest

log = logging.getLogger(__name__)

RETRY_AFTER_S = 30
STATUS: dict[type[Exception], HTTPStatus] = {
    accounts.NotSignedInError: HTTPStatus.UNAUTHORIZED,
    accounts.NotAllowedError: HTTPStatus.FORBIDDEN,
    accounts.NotVisibleError: HTTPStatus.NOT_FOUND,
    accounts.InvalidAccountError: HTTPStatus.BAD_REQUEST,
    logs.InvalidSourceError: HTTPStatus.BAD_REQUEST,
    logs.SourceExistsError: HTTPStatus.CONFLICT,
    logs.EmptyInputError: HTTPStatus.BAD_REQUEST,
    logs.KeyReusedError: HTTPStatus.CONFLICT,
    logs.StorageFullError: HTTPStatus.INSUFFICIENT_STORAGE,
    logs.UnknownSampleError: HTTPStatus.NOT_FOUND,
    # Damage on our disk: said with the file's name, so that it can be looked after.
    logs.CorruptBatchError: HTTPStatus.SERVICE_UNAVAILABLE,
    CorruptSegment: HTTPStatus.SERVICE_UNAVAILABLE,
    logs.InvalidCursorError: HTTPStatus.BAD_REQUEST,
    logs.NoRecordError: HTTPStatus.NOT_FOUND,
    logs.GoneMeanwhileError: HTTPStatus.CONFLICT,
    logs.NoTemplateError: HTTPStatus.NOT_FOUND,
    logs.InvalidEditError: HTTPStatus.BAD_REQUEST,
    logs.EditConflictError: HTTPStatus.CONFLICT,
    logs.NothingToLearnError: HTTPStatus.CONFLICT,
    detection.InvalidUnitRuleError: HTTPStatus.BAD_REQUEST,
    detection.NoEarlierVersionError: HTTPStatus.NOT_FOUND,
    accounts.UnreadableSecretError: HTTPStatus.CONFLICT,
    reports.InvalidChannelError: HTTPStatus.BAD_REQUEST,
    reports.InvalidRuleError: HTTPStatus.BAD_REQUEST,
    reports.InvalidPlanError: HTTPStatus.BAD_REQUEST,
    reports.NameTakenError: HTTPStatus.CONFLICT,
    reports.NotReadyError: HTTPStatus.CONFLICT,
    triage.InvalidTriageError: HTTPStatus.BAD_REQUEST,
    triage.TooFewVerdictsError: HTTPStatus.CONFLICT,
    triage.NoLanguageModelError: HTTPStatus.CONFLICT,
    QueryError: HTTPStatus.BAD_REQUEST,
    InputTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TruncatedInput: HTTPStatus.BAD_REQUEST,
    ScanError: HTTPStatus.BAD_REQUEST,
    UnreadablePostError: HTTPStatus.BAD_REQUEST,
    RequestDataTooBig: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    BadRequest: HTTPStatus.BAD_REQUEST,
    Http404: HTTPStatus.NOT_FOUND,
    rest.NotAuthenticated: HTTPStatus.UNAUTHORIZED,
    rest.AuthenticationFailed: HTTPStatus.UNAUTHORIZED,
}


class UnsupportedEncodingError(BadRequest):
    """A Content-Encoding or Content-Type that the endpoint does not take."""


STATUS[UnsupportedEncodingError] = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


def problem(
    status: HTTPStatus, detail: str, *, title: str = "", **extra: object
) -> HttpResponse:
    """Return one problem+json answer."""
    body = {
        "type": "about:blank",
        "title": title or status.phrase,
        "status": int(status),
        "detail": detail,
        **extra,
    }
    response = HttpResponse(
        json.dumps(body), status=status, content_type="application/problem+json"
    )
    if status == HTTPStatus.INSUFFICIENT_STORAGE:
        response["Retry-After"] = str(RETRY_AFTER_S)
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response


def render(error: Exception) -> HttpResponse | None:
    """Return the answer to a known error, None for one that the table lacks."""
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), None)
    if status is None and isinstance(error, rest.APIException):
        status = HTTPStatus(error.status_code)
    if status is None:
        return None
    extra = {
        name: value
        for name in ("position", "length", "caret")
        if (value := getattr(error, name, None)) is not None
    }
    return problem(status, _detail(error, status), **extra)


def _detail(error: Exception, status: HTTPStatus) -> str:
    if isinstance(error, rest.ValidationError):
        return "; ".join(_flat(error.detail))
    if isinstance(error, rest.APIException):
        return str(error.detail)
    return str(error) or status.phrase


def _flat(detail: Any, name: str = "") -> list[str]:  # noqa: ANN401  (nested, DRF's own)
    if isinstance(detail, dict):
        return [text for key, value in detail.items() for text in _flat(value, str(key))]
    if isinstance(detail, list):
        return [text for value in detail for text in _flat(value, name)]
    return [f"{name}: {detail}" if name and name != "non_field_errors" else str(detail)]


def exception_handler(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Render what a REST view raised (DRF's hook); None becomes a 500."""
    response = render(error)
    if response is None:
        log.error("%s failed", context["request"].path, exc_info=error)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Answer a session request without its CSRF token."""
    return problem(HTTPStatus.FORBIDDEN, f"CSRF check failed: {reason}")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer an address that nothing serves."""
    return problem(HTTPStatus.NOT_FOUND, f"no such address: {request.path}")


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a defect of ours; the log has its trace."""
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, f"{request.path} failed; see the log")
