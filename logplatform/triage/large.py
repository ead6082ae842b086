"""A team's language model: its settings, its answers so far and what it may still spend.

The client itself (`adaptivelog.LargeModel`) imports ``openai``, which takes a second: only
workers and the Test button make one.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.db.models import F

import adaptivelog
from adaptivelog import Budget, LargeAnswer, LargeModel, LargeSettings, Limits, Reply, Usage
from logplatform.accounts.encryption import decrypt, encrypt
from logplatform.triage.errors import InvalidTriageError, NoLanguageModelError
from logplatform.triage.models import CachedAnswer, Day, LanguageModel

if TYPE_CHECKING:
    from logplatform.accounts.models import Team

DAY_NS = 86_400 * 10**9
TEST_TIMEOUT_S = 20.0  # a person waits
TEST_QUESTION = adaptivelog.Question(
    adaptivelog.Row("Failed to write <OBA> blocks to <LOI>: No space left on device")
)


@dataclass(frozen=True, slots=True)
class LanguageModelDraft:
    """What a person says of a language model; no key: the stored one stays."""

    base_url: str
    model: str
    key: str | None = None
    is_enabled: bool = True
    timeout_s: float = 30.0
    streams: bool = False
    input_price: float = 0.0
    output_price: float = 0.0
    calls_a_day: int | None = None
    tokens_a_day: int | None = None
    money_a_day: float | None = None


@dataclass(frozen=True, slots=True)
class TestAnswer:
    """What came of a test call; ``sent`` are the very messages, ``detail`` the failure."""

    ok: bool
    sent: str
    label: str = ""
    reason: str = ""
    model: str = ""
    elapsed_ms: int = 0
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    money: float = 0.0
    detail: str = ""


def save_model(team: Team, draft: LanguageModelDraft) -> LanguageModel:
    """Store a team's settings.

    A key is kept only while the address stays the same server's: else who may edit settings
    could have it sent to a server of theirs.
    """
    row = LanguageModel.objects.filter(team=team).first() or LanguageModel(team=team)
    return _fill(row, draft, save=True)


def draft_model(team: Team, draft: LanguageModelDraft) -> LanguageModel:
    """Return the settings that `save_model` would store, for a test."""
    row = LanguageModel.objects.filter(team=team).first() or LanguageModel(team=team)
    return _fill(row, draft, save=False)


def _fill(row: LanguageModel, draft: LanguageModelDraft, *, save: bool) -> LanguageModel:
    _check(draft)
    if draft.key is not None:
        row.key = encrypt(draft.key) if draft.key else ""
    elif row.key and _server(row.base_url) != _server(draft.base_url):
        raise InvalidTriageError("another server: enter its key, or an empty one")
    row.base_url, row.model = draft.base_url.rstrip("/"), draft.model
    for name in (
        "is_enabled",
        "timeout_s",
        "streams",
        "input_price",
        "output_price",
        "calls_a_day",
        "tokens_a_day",
        "money_a_day",
    ):
        setattr(row, name, getattr(draft, name))
    row.down_until, row.error = None, ""
    if save:
        row.save()
    return row


def _server(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _check(draft: LanguageModelDraft) -> None:
    try:
        url = urlsplit(draft.base_url)
        is_good = url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
    except ValueError as error:
        raise InvalidTriageError(f"{draft.base_url!r} is no address: {error}") from error
    if not is_good or url.username or url.password or url.query or url.fragment:
        raise InvalidTriageError(
            "the base URL looks like http://127.0.0.1:11434/v1; the key has its own field"
        )


def client(
    row: LanguageModel, *, timeout_s: float | None = None, attempts: int = 3
) -> LargeModel:
    """Return the client for stored settings."""
    return LargeModel(
        LargeSettings(
            base_url=row.base_url,
            model=row.model,
            api_key=decrypt(row.key) if row.key else "none",
            timeout_s=timeout_s or row.timeout_s,
            attempts=attempts,
            stream=row.streams,
            input_price=row.input_price,
            output_price=row.output_price,
        )
    )


def try_model(row: LanguageModel) -> TestAnswer:
    """Ask one fixed question, for real; the cost counts as any other."""
    timeout_s = min(row.timeout_s, TEST_TIMEOUT_S)
    large = client(row, timeout_s=timeout_s, attempts=1)
    sent = large.preview(adaptivelog.SEVERITY, TEST_QUESTION)[-1]["content"]
    began = datetime.now(tz=UTC)
    answer, detail = None, ""
    try:
        answer = large.ask(adaptivelog.SEVERITY, TEST_QUESTION)
    except adaptivelog.LargeModelError as error:
        detail = f"{type(error).__name__}: {error}"
    finally:
        large.close()
    elapsed_ms = round((datetime.now(tz=UTC) - began).total_seconds() * 1000)
    spent = large.spent
    charge(row.team, spent)
    return TestAnswer(
        ok=answer is not None,
        sent=sent,
        label=answer.reply.label if answer else "",
        reason=answer.reply.reason if answer else "",
        model=row.model,
        elapsed_ms=elapsed_ms,
        calls=spent.calls,
        input_tokens=spent.input_tokens,
        output_tokens=spent.output_tokens,
        money=spent.money,
        detail=detail,
    )


def require_model(team: Team) -> LanguageModel:
    """Return a team's language model.

    Raises
    ------
    NoLanguageModelError
        None is set up, or it is switched off.
    """
    row = LanguageModel.objects.filter(team=team, is_enabled=True).first()
    if row is None:
        raise NoLanguageModelError("no language model is set up, or it is switched off")
    return row


def limits(row: LanguageModel) -> Limits:
    """Return what a day may cost."""
    return Limits(calls=row.calls_a_day, tokens=row.tokens_a_day, money=row.money_a_day)


def budget(row: LanguageModel, now_ns: int) -> Budget:
    """Return the budget with what is spent of the day."""
    day = Day.objects.filter(team=row.team, day=_date(now_ns)).first()
    spent = Usage(day.calls, day.input_tokens, day.output_tokens, day.money) if day else Usage()
    return Budget(limits(row), now_ns // DAY_NS, spent)


def charge(team: Team, usage: Usage, **answered: int) -> None:
    """Add to today's sums: what was spent, and how many questions were answered by whom."""
    today = datetime.now(tz=UTC).date()
    Day.objects.bulk_create([Day(team=team, day=today)], ignore_conflicts=True)
    Day.objects.filter(team=team, day=today).update(
        calls=F("calls") + usage.calls,
        input_tokens=F("input_tokens") + usage.input_tokens,
        output_tokens=F("output_tokens") + usage.output_tokens,
        money=F("money") + usage.money,
        **{name: F(name) + count for name, count in answered.items()},
    )


def _date(now_ns: int) -> date:
    return datetime.fromtimestamp(now_ns / 1e9, tz=UTC).date()


class AnswerCache(MutableMapping[str, LargeAnswer]):
    """A team's cached answers as the router takes them; what they cost is paid already."""

    def __init__(self, team: Team) -> None:
        self._rows = CachedAnswer.objects.filter(team=team)
        self._team = team

    def __getitem__(self, key: str) -> LargeAnswer:
        """Return an answer."""
        row = self._rows.filter(key=key).first()
        if row is None:
            raise KeyError(key)
        reply = Reply(row.label, row.reason, tuple(row.cites), row.next_step)
        return LargeAnswer(reply, row.model, Usage())

    def __setitem__(self, key: str, answer: LargeAnswer) -> None:
        """Keep an answer."""
        reply = answer.reply
        CachedAnswer.objects.update_or_create(
            team=self._team,
            key=key,
            defaults={
                "model": answer.model,
                "label": reply.label,
                "reason": reply.reason,
                "next_step": reply.next_step,
                "cites": list(reply.cites),
            },
        )

    def __delitem__(self, key: str) -> None:
        """Forget an answer."""
        self._rows.filter(key=key).delete()

    def __iter__(self) -> Iterator[str]:
        """Yield all keys."""
        return iter(self._rows.values_list("key", flat=True))

    def __len__(self) -> int:
        """Count the answers."""
        return self._rows.count()
