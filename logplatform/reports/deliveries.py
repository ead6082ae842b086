"""Deliveries: each message to each channel is a row that is tried until it is sent or dead.

A sender that dies between the receiver's answer and our note of it leaves a row that is tried
again, with the same id: receivers see a repetition as such, and nothing is lost.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Q

from logplatform.accounts.errors import UnreadableSecretError
from logplatform.reports import channels
from logplatform.reports.messages import Message, read_message
from logplatform.reports.models import Channel, Delivery, DeliveryState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from logplatform.reports.models import Report, Rule

log = logging.getLogger(__name__)

MAX_TRIES = 8
FIRST_RETRY_S = 30  # times four each: 30 s, 2 min, 8 min, 32 min, 2 h, then
MAX_RETRY_S = 4 * 3600
MAX_RETRY_AFTER_S = 3600
# Longer than a try takes: connecting, TLS and the answer have 10 s, a mail some more.
LEASE = timedelta(seconds=90)
KEEP = timedelta(days=90)


def queue(
    to: Iterable[Channel],
    message: Message,
    *,
    identity: str,
    rule: Rule | None = None,
    report: Report | None = None,
    wait: timedelta = timedelta(),
) -> None:
    """Promise a message to some channels, once whatever happens (callers' transaction)."""
    not_before = datetime.now(tz=UTC) + wait
    Delivery.objects.bulk_create(
        [
            Delivery(
                team_id=channel.team_id,
                channel=channel,
                rule=rule,
                report=report,
                identity=f"{identity}:{channel.pk}",
                message=message.to_json(),
                tries_left=MAX_TRIES,
                not_before=not_before,
            )
            for channel in to
            if channel.is_enabled
        ],
        ignore_conflicts=True,
    )


def ready(now: datetime) -> list[UUID]:
    """Return the ids of deliveries that somebody could try now."""
    return list(
        Delivery.objects.filter(_ready(now))
        .order_by("created")
        .values_list("pk", flat=True)[:500]
    )


def _ready(now: datetime) -> Q:
    waiting = Q(state=DeliveryState.QUEUED, not_before__lte=now)
    return waiting | Q(state=DeliveryState.SENDING, lease_until__lt=now)


def deliver(delivery_id: UUID | str) -> bool:
    """Try a delivery once; False where it is not to be tried now."""
    now = datetime.now(tz=UTC)
    with transaction.atomic():
        taken = Delivery.objects.filter(_ready(now), pk=delivery_id).update(
            state=DeliveryState.SENDING, attempts=F("attempts") + 1, lease_until=now + LEASE
        )
        if not taken:
            return False
        delivery = Delivery.objects.select_related("channel").get(pk=delivery_id)
    # Outside of the transaction: the answer takes seconds.
    outcome = _try(delivery)
    _record(delivery, outcome)
    return True


def _try(delivery: Delivery) -> channels.Outcome:
    try:
        message = read_message(delivery.message)
        return channels.send(delivery.channel, message, str(delivery.pk))
    except UnreadableSecretError as error:
        return channels.Outcome(is_sent=False, is_final=True, answer=str(error), elapsed_ms=0)


def _record(delivery: Delivery, outcome: channels.Outcome) -> None:
    now = datetime.now(tz=UTC)
    left = max(0, delivery.tries_left - 1)
    entry = {
        "time": now.isoformat(),
        "ok": outcome.is_sent,
        "answer": outcome.answer,
        "elapsed_ms": outcome.elapsed_ms,
    }
    fields: dict[str, object] = {"lease_until": None, "tries_left": left}
    if outcome.is_sent:
        fields |= {"state": DeliveryState.SENT, "finished": now}
    elif outcome.is_final or left == 0:
        fields |= {"state": DeliveryState.DEAD, "finished": now}
        log.warning("delivery %s to %s is dead: %s", delivery.pk, delivery.channel, outcome)
    else:
        wait_s = _wait_s(MAX_TRIES - delivery.tries_left, outcome.retry_after_s)
        fields |= {
            "state": DeliveryState.QUEUED,
            "not_before": now + timedelta(seconds=wait_s),
        }
    Delivery.objects.filter(
        pk=delivery.pk, state=DeliveryState.SENDING, attempts=delivery.attempts
    ).update(log=[*delivery.log, entry], **fields)


def _wait_s(tries: int, retry_after_s: int | None) -> float:
    backed_off = min(FIRST_RETRY_S * 4.0 ** max(0, tries), MAX_RETRY_S)
    return max(backed_off, min(retry_after_s or 0, MAX_RETRY_AFTER_S))


def revive(delivery: Delivery) -> bool:
    """Try a dead delivery again, as often as a new one; False where it is not dead."""
    return bool(
        Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.DEAD).update(
            state=DeliveryState.QUEUED,
            tries_left=MAX_TRIES,
            not_before=datetime.now(tz=UTC),
            finished=None,
        )
    )


def send_test(channel: Channel) -> channels.Outcome:
    """Send a test through a channel, now and once; nothing of it is kept."""
    now = datetime.now(tz=UTC)
    return channels.send(
        channel, channels.test_message(channel), f"test-{channel.pk}-{now.timestamp():.0f}"
    )


def forget_old(now: datetime) -> None:
    """Delete what was sent long ago."""
    Delivery.objects.filter(state=DeliveryState.SENT, finished__lt=now - KEEP).delete()
