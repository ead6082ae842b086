"""Signing in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import authenticate, login, logout
from django.middleware.csrf import get_token
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle
from rest_framework.views import APIView

from logplatform.accounts.errors import NotSignedInError
from logplatform.accounts.models import User
from logplatform.api import shapes
from logplatform.api.authentication import identity_of

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.throttling import BaseThrottle


class SignInThrottle(AnonRateThrottle):
    """Slows guessing of passwords: tries per address."""

    rate = "30/min"


class SessionView(APIView):
    """The session of a person's browser."""

    permission_classes = [AllowAny]

    def get_throttles(self) -> list[BaseThrottle]:
        """Count sign-ins alone."""
        return [SignInThrottle()] if self.request.method == "POST" else []

    @extend_schema(responses=shapes.Session)
    def get(self, request: Request) -> Response:
        """Return who is signed in, with the CSRF token for changes."""
        user = identity_of(request).user
        if user is None:
            raise NotSignedInError("a token is no session")
        return Response(_session(request, user))

    @extend_schema(request=shapes.Credentials, responses=shapes.Session)
    def post(self, request: Request) -> Response:
        """Sign in."""
        credentials = shapes.Credentials(data=request.data)
        credentials.is_valid(raise_exception=True)
        user = authenticate(request, **credentials.validated_data)
        if not isinstance(user, User):
            raise NotSignedInError("the user name or the password is wrong")
        login(request._request, user)  # noqa: SLF001  (Django's login wants its own request)
        return Response(_session(request, user))

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Sign out."""
        logout(request._request)  # noqa: SLF001  (Django's logout wants its own request)
        return Response(status=204)


def _session(request: Request, user: User) -> dict[str, object]:
    return {
        "user": {"username": user.username, "role": user.role},
        "team": user.team.name,
        "csrf": get_token(request._request),  # noqa: SLF001  (sets the cookie there)
    }
