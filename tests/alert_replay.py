"""Lines that arrive minute by minute under a clock of the test's own, and the rules' answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from logplatform.reports import alerts, channels, rules
from logplatform.reports.models import Channel, Delivery, Rule
from tests.fakes import seal_now
from tests.shop_log import accept

if TYPE_CHECKING:
    from collections.abc import Callable

    from logplatform.accounts.models import Team
    from logplatform.logs.models import Source

MINUTE = timedelta(minutes=1)


def minute_of(moment: datetime) -> int:
    """Return a moment's minute since 1970."""
    return int(moment.timestamp()) // 60


def lines_at(minute: datetime, text: str, number: int) -> bytes:
    """Return some lines of one minute; the text begins with the level."""
    level, _, message = text.partition(" ")
    at = minute.astimezone(UTC)
    return b"".join(
        f"{at:%Y-%m-%d %H:%M}:{n % 60:02d},000 {level} shop.web: {message} n={n}\n".encode()
        for n in range(number)
    )


class Replay:
    """One source's minutes, judged as they pass."""

    def __init__(self, source: Source, team: Team, begin: datetime) -> None:
        self.source, self.team, self.begin = source, team, begin

    def channel(self) -> Channel:
        """Return a channel that nothing is sent through: deliveries are looked at as rows."""
        found = Channel.objects.filter(team=self.team).first()
        return found or channels.create_channel(
            team=self.team,
            draft=channels.ChannelDraft("mail", "email", recipients=("ops@example.org",)),
        )

    def rule(
        self,
        kind: str,
        *,
        query: str = "",
        group_by: str = "",
        cooldown_min: int = 0,
        **given: Any,
    ) -> Rule:
        """Create a rule that is judged from the beginning on."""
        sources = () if given.pop("all", False) else (self.source,)
        draft = rules.RuleDraft(
            name=f"{kind} {query}",
            kind=kind,
            query=query,
            sources=sources,
            condition=given,
            group_by=group_by,
            cooldown_min=cooldown_min,
            channels=(self.channel(),),
        )
        rule = rules.create_rule(team=self.team, draft=draft)
        rule.evaluated_minute = rule.watched_since = minute_of(self.begin)
        rule.save()
        return rule

    def run(
        self,
        minutes: int,
        lines: Callable[[datetime], bytes],
        *,
        seal: Callable[[int], bool] = lambda index: False,
        judge: Callable[[int], bool] = lambda index: True,
    ) -> None:
        """Let some minutes pass."""
        for index in range(minutes):
            minute = self.begin + index * MINUTE
            if data := lines(minute):
                accept(self.source, data)
            if seal(index):
                seal_now(self.source)
            if judge(index):
                self.judge(minute + MINUTE)

    def judge(self, moment: datetime) -> int:
        """Evaluate the rules at a moment, the grace included."""
        return alerts.evaluate_team(self.team.pk, moment + timedelta(seconds=alerts.GRACE_S))

    def messages(self) -> list[dict[str, Any]]:
        """Return the messages that wait, in order."""
        return [
            delivery.message for delivery in Delivery.objects.order_by("created", "identity")
        ]
