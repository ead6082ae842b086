"""Channels: what each kind needs to be known of it, and how a message goes through one."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from logplatform.accounts.encryption import decrypt, encrypt
from logplatform.reports import channel_formats, mail
from logplatform.reports.egress import Egress
from logplatform.reports.errors import (
    EgressError,
    ForbiddenAddressError,
    InvalidChannelError,
    NameTakenError,
)
from logplatform.reports.mail_report import compose_report
from logplatform.reports.messages import Line, Message
from logplatform.reports.models import Channel, ChannelKind
from logplatform.reports.places import page

if TYPE_CHECKING:
    from email.message import EmailMessage

    from logplatform.accounts.models import Team
    from logplatform.reports.channel_formats import Wire
    from logplatform.reports.egress import Answer

MAX_RECIPIENTS = 50
MAX_SHOWN_ANSWER = 2000
# What a server says when the same request may work later.
WORTH_ANOTHER_TRY = {408, 425, 429}
NEEDS_URL = {ChannelKind.SLACK, ChannelKind.TEAMS, ChannelKind.DISCORD, ChannelKind.WEBHOOK}


@dataclass(frozen=True, slots=True)
class ChannelDraft:
    """What a person says of a channel. An empty ``url`` or ``key`` keeps the stored one."""

    name: str
    kind: str
    url: str = ""
    key: str = ""
    recipients: tuple[str, ...] = ()
    template: dict[str, Any] | None = None
    is_enabled: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try. ``answer`` are the server's own words, as far as we may tell."""

    is_sent: bool
    is_final: bool
    answer: str
    elapsed_ms: int
    retry_after_s: int | None = None


def create_channel(*, team: Team, draft: ChannelDraft) -> Channel:
    """Create a channel."""
    return _write(Channel(team=team, kind=draft.kind), draft, secrets={})


def change_channel(channel: Channel, draft: ChannelDraft) -> Channel:
    """Change a channel; its kind stays."""
    if draft.kind != channel.kind:
        raise InvalidChannelError(f"kind: a channel stays what it is, here {channel.kind}")
    return _write(channel, draft, secrets=_secrets(channel))


def _write(channel: Channel, draft: ChannelDraft, *, secrets: dict[str, str]) -> Channel:
    if draft.kind not in ChannelKind.values:
        raise InvalidChannelError(f"kind: one of {', '.join(ChannelKind.values)}")
    if not draft.name.strip() or len(draft.name) > 100:
        raise InvalidChannelError("name: 1 to 100 characters")
    given = {name: value for name, value in (("url", draft.url), ("key", draft.key)) if value}
    secrets = secrets | given
    _check(draft, secrets)
    channel.name, channel.is_enabled = draft.name.strip(), draft.is_enabled
    channel.options = _options(draft, secrets)
    channel.secret = encrypt(json.dumps(secrets)) if secrets else ""
    try:
        with transaction.atomic():
            channel.save()
    except IntegrityError as error:
        raise NameTakenError(f"there is a channel {draft.name}") from error
    return channel


def _check(draft: ChannelDraft, secrets: dict[str, str]) -> None:
    if draft.kind in NEEDS_URL and "url" not in secrets:
        raise InvalidChannelError("url: where messages are sent to")
    if draft.kind == ChannelKind.PAGERDUTY and "key" not in secrets:
        raise InvalidChannelError("key: the integration's routing key")
    if "url" in secrets:
        try:
            # Its text alone: the name may mean something else when messages are sent.
            egress().check(secrets["url"])
        except ForbiddenAddressError as error:
            raise InvalidChannelError(f"url: {error}") from error
    if draft.template is not None:
        channel_formats.check_template(draft.template)
    if draft.kind != ChannelKind.EMAIL:
        return
    if not 1 <= len(draft.recipients) <= MAX_RECIPIENTS:
        raise InvalidChannelError(f"recipients: 1 to {MAX_RECIPIENTS}")
    for recipient in draft.recipients:
        try:
            validate_email(recipient)
        except ValidationError as error:
            raise InvalidChannelError(f"recipients: {recipient!r} is no address") from error


def _options(draft: ChannelDraft, secrets: dict[str, str]) -> dict[str, Any]:
    if draft.kind == ChannelKind.EMAIL:
        return {"recipients": list(draft.recipients)}
    options: dict[str, Any] = (
        {"host": egress().check(secrets["url"]).hostname} if ("url" in secrets) else {}
    )
    if draft.kind == ChannelKind.WEBHOOK:
        options |= {"template": draft.template, "is_signed": "key" in secrets}
    return options


def _secrets(channel: Channel) -> dict[str, str]:
    found: dict[str, str] = json.loads(decrypt(channel.secret)) if channel.secret else {}
    return found


def egress() -> Egress:
    """Return the way out that the operator allows."""
    return Egress(allowed=settings.CONFIG.networks)


def send(channel: Channel, message: Message, delivery: str) -> Outcome:
    """Try once to get a message through a channel.

    Parameters
    ----------
    channel : Channel
    message : Message
    delivery : str
        The same for each try, so that a receiver can tell a repetition.
    """
    began = time.monotonic()
    try:
        if channel.kind == ChannelKind.EMAIL:
            said = mail.send(_mail(channel, message, delivery))
            return Outcome(True, True, said, _since(began))  # noqa: FBT003
        wire = _wire(channel, message, delivery)
        return _outcome(egress().post(wire.url, wire.body, wire.headers))
    except EgressError as error:
        is_final = isinstance(error, ForbiddenAddressError)
        return Outcome(False, is_final, str(error), _since(began))  # noqa: FBT003


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _outcome(answer: Answer) -> Outcome:
    body = " ".join(answer.body.split())[:MAX_SHOWN_ANSWER]
    is_final = 300 <= answer.status < 500 and answer.status not in WORTH_ANOTHER_TRY
    return Outcome(
        is_sent=answer.is_good,
        is_final=answer.is_good or is_final,
        answer=f"{answer.phrase}: {body}" if body else answer.phrase,
        elapsed_ms=answer.elapsed_ms,
        retry_after_s=answer.retry_after_s,
    )


def _wire(channel: Channel, message: Message, delivery: str) -> Wire:
    secrets = _secrets(channel)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "logplatform",
        "Idempotency-Key": delivery,
    }
    if channel.kind != ChannelKind.WEBHOOK:
        body = channel_formats.BODIES[channel.kind](message, secrets.get("key", ""))
        url = secrets.get("url", channel_formats.PAGERDUTY_URL)
        return channel_formats.Wire(url, json.dumps(body).encode(), headers)
    data = channel_formats.webhook(message, channel.options.get("template") or {}, delivery)
    if "key" in secrets:
        timestamp = int(time.time())
        headers["X-Logplatform-Timestamp"] = str(timestamp)
        headers["X-Logplatform-Signature"] = channel_formats.sign(
            data, secrets["key"], timestamp
        )
    return channel_formats.Wire(secrets["url"], data, headers)


def _mail(channel: Channel, message: Message, delivery: str) -> EmailMessage:
    to = channel.options["recipients"]
    if message.report:
        return compose_report(message.report, to=to, message_id=delivery)
    return mail.compose(
        subject=f"[{message.kind}] {message.title}",
        to=to,
        text=message.text(),
        message_id=delivery,
        date=datetime.now(tz=UTC),
    )


def test_message(channel: Channel) -> Message:
    """Return what a Test sends."""
    return Message(
        kind="test",
        title=f"Test of the channel {channel.name}",
        lines=(Line("If you can read this, alerts and reports will arrive here."),),
        link=page("/alerts", {"tab": "channels"}),
        about=f"logplatform-test-{channel.pk}",
    )
