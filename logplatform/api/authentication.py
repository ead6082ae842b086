"""From a request to who asks: a bearer token for agents, the session for people."""

from __future__ import annotations

from http import HTTPMethod
from typing import TYPE_CHECKING

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, CSRFCheck

from logplatform.accounts.access import Identity, identify_token, identify_user
from logplatform.accounts.errors import NotAllowedError, NotSignedInError
from logplatform.accounts.models import User
from logplatform.api.problems import UnsupportedEncodingError

if TYPE_CHECKING:
    from django.http import HttpRequest
    from rest_framework.request import Request

SAFE = {HTTPMethod.GET, HTTPMethod.HEAD, HTTPMethod.OPTIONS}
FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}


class Authentication(BaseAuthentication):
    """Gives REST views an `Identity` as ``request.user``."""

    def authenticate(self, request: Request) -> tuple[Identity, None] | None:
        """Return who asks, None for nobody."""
        # DRF keeps the plain request there, and its own session authentication reads it too.
        identity = identify(request._request)  # noqa: SLF001
        return None if identity is None else (identity, None)

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        """Return the challenge that makes DRF answer 401 and not 403."""
        return "Bearer"


def identify(request: HttpRequest) -> Identity | None:
    """Return who asks, None for nobody.

    Raises
    ------
    NotSignedInError
        A token was sent and is not valid.
    NotAllowedError
        A session without its CSRF token.
    """
    header = request.headers.get("Authorization")
    if header is not None:
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != "bearer":
            raise NotSignedInError("send the token as 'Authorization: Bearer TOKEN'")
        return identify_token(secret.strip())
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        return None
    if request.method not in SAFE:
        _enforce_csrf(request)
    return identify_user(user)


def identity_of(request: Request) -> Identity:
    """Return who asks, in a view that is not for everybody."""
    # DRF's types know only Django's users there.
    identity: object = request.user
    if not isinstance(identity, Identity):
        raise NotSignedInError("nobody is signed in, and no token came along")
    return identity


def _enforce_csrf(request: HttpRequest) -> None:
    # Django's check reads a form to look for the token; no endpoint takes forms, and the raw
    # body of an upload must not be read here.
    if request.content_type in FORMS:
        raise UnsupportedEncodingError(f"{request.content_type}: send raw bytes or JSON")
    check = CSRFCheck(lambda _: None)  # type: ignore[arg-type]  # never called
    check.process_request(request)
    reason = check.process_view(request, None, (), {})  # type: ignore[arg-type]
    if reason:
        raise NotAllowedError(f"CSRF check failed: {reason}")


class AuthenticationScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes both ways in the OpenAPI document."""

    target_class = Authentication
    name = ["bearer", "session"]

    def get_security_definition(self, auto_schema: object) -> list[dict[str, str]]:  # noqa: ARG002
        """Return the two schemes."""
        return [
            {"type": "http", "scheme": "bearer"},
            {"type": "apiKey", "in": "cookie", "name": "sessionid"},
        ]
