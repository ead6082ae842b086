"""API tokens of the team."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from logplatform.accounts import services
from logplatform.accounts.access import Permission
from logplatform.accounts.models import ApiToken
from logplatform.api import shapes
from logplatform.api.authentication import identity_of
from logplatform.logs import access

if TYPE_CHECKING:
    from rest_framework.request import Request


class TokenListView(APIView):
    """The team's tokens; for administrators."""

    @extend_schema(responses=shapes.TokenList)
    def get(self, request: Request) -> Response:
        """List tokens without their secrets."""
        identity_of(request).require(Permission.ADMINISTER)
        tokens = ApiToken.objects.filter(team=identity_of(request).team).select_related(
            "source"
        )
        return Response(
            {"results": [shapes.token_json(token) for token in tokens.order_by("-pk")]}
        )

    @extend_schema(request=shapes.NewToken, responses={201: shapes.TokenInfo})
    def post(self, request: Request) -> Response:
        """Create a token; its secret is in this answer only."""
        identity_of(request).require(Permission.ADMINISTER)
        body = shapes.NewToken(data=request.data)
        body.is_valid(raise_exception=True)
        wanted, source_id = body.validated_data, None
        if wanted.get("source"):
            source_id = access.get_source(
                identity_of(request), wanted["source"], permission=Permission.READ
            ).pk
        new = services.create_token(
            team=identity_of(request).team,
            name=wanted["name"],
            scopes=wanted["scopes"],
            source_id=source_id,
            expires=wanted.get("expires"),
        )
        return Response(shapes.token_json(new.token, secret=new.secret), status=201)


class TokenView(APIView):
    """One token."""

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, token_id: int) -> Response:
        """End a token."""
        identity_of(request).require(Permission.ADMINISTER)
        services.delete_token(team=identity_of(request).team, token_id=token_id)
        return Response(status=204)
