"""Channels, their Test, and what was delivered through them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from logplatform import tasks
from logplatform.accounts.access import Permission
from logplatform.api import alert_shapes as shapes
from logplatform.api.authentication import identity_of
from logplatform.api.pages import PARAMETERS, read_page
from logplatform.reports import access, channels, deliveries
from logplatform.reports.models import DeliveryState

if TYPE_CHECKING:
    from uuid import UUID

    from rest_framework.request import Request

    from logplatform.reports.models import Channel


def _draft(request: Request) -> channels.ChannelDraft:
    body = shapes.NewChannel(data=request.data)
    body.is_valid(raise_exception=True)
    given = body.validated_data
    return channels.ChannelDraft(
        name=given["name"],
        kind=given["kind"],
        url=given["url"],
        key=given["key"],
        recipients=tuple(given["recipients"]),
        template=given["template"],
        is_enabled=given["enabled"],
    )


def _get(request: Request, channel_id: int, permission: Permission) -> Channel:
    rows = access.visible_channels(identity_of(request), permission)
    return access.pick(rows, channel_id)


class ChannelListView(APIView):
    """The team's channels."""

    @extend_schema(parameters=PARAMETERS, responses=shapes.ChannelList)
    def get(self, request: Request) -> Response:
        """List channels without their secrets."""
        rows = access.visible_channels(identity_of(request), Permission.READ)
        page, cursor = read_page(rows, request)
        return Response({"results": list(map(shapes.channel_json, page)), "cursor": cursor})

    @extend_schema(request=shapes.NewChannel, responses={201: shapes.ChannelInfo})
    def post(self, request: Request) -> Response:
        """Create a channel."""
        access.visible_channels(identity_of(request), Permission.EDIT)
        new = channels.create_channel(team=identity_of(request).team, draft=_draft(request))
        return Response(shapes.channel_json(new), status=201)


class ChannelView(APIView):
    """One channel."""

    @extend_schema(request=shapes.NewChannel, responses=shapes.ChannelInfo)
    def put(self, request: Request, channel_id: int) -> Response:
        """Change a channel."""
        channel = _get(request, channel_id, Permission.EDIT)
        return Response(shapes.channel_json(channels.change_channel(channel, _draft(request))))

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, channel_id: int) -> Response:
        """Delete a channel and the log of what was sent through it."""
        _get(request, channel_id, Permission.EDIT).delete()
        return Response(status=204)


class ChannelTestView(APIView):
    """A test of a channel."""

    @extend_schema(request=None, responses=shapes.TestAnswer)
    def post(self, request: Request, channel_id: int) -> Response:
        """Send a test now and return what the server answered."""
        channel = _get(request, channel_id, Permission.EDIT)
        return Response(shapes.outcome_json(deliveries.send_test(channel)))


class DeliveryListView(APIView):
    """What was sent or will be."""

    @extend_schema(
        parameters=[
            *PARAMETERS,
            OpenApiParameter("state", enum=DeliveryState.values),
            OpenApiParameter("channel", int),
        ],
        responses=shapes.DeliveryList,
    )
    def get(self, request: Request) -> Response:
        """List deliveries with every try, newest first."""
        rows = access.visible_deliveries(identity_of(request), Permission.READ)
        state, channel = request.GET.get("state"), request.GET.get("channel")
        if state and state not in DeliveryState.values:
            raise ValidationError({"state": f"one of {', '.join(DeliveryState.values)}"})
        if channel and not channel.isdigit():
            raise ValidationError({"channel": "a number"})
        rows = rows.filter(state=state) if state else rows
        rows = rows.filter(channel=int(channel)) if channel else rows
        page, cursor = read_page(rows, request)
        return Response({"results": list(map(shapes.delivery_json, page)), "cursor": cursor})


class DeliveryRetryView(APIView):
    """Another life for a dead delivery."""

    @extend_schema(request=None, responses={202: None})
    def post(self, request: Request, delivery_id: UUID) -> Response:
        """Try a dead delivery again."""
        rows = access.visible_deliveries(identity_of(request), Permission.EDIT)
        if deliveries.revive(access.pick(rows, delivery_id)):
            tasks.send_messages()
        return Response(status=202)
