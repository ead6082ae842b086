"""The JSON of the language model's settings and its Test. The key is never given out."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rest_framework import serializers

if TYPE_CHECKING:
    from logplatform.triage.large import TestAnswer
    from logplatform.triage.models import LanguageModel


class WantedLanguageModel(serializers.Serializer[Any]):
    """Settings of the language model; without ``key`` the stored one stays."""

    base_url = serializers.CharField(max_length=500)
    model = serializers.CharField(max_length=200)
    key = serializers.CharField(
        required=False, allow_null=True, default=None, allow_blank=True, max_length=1000
    )
    enabled = serializers.BooleanField(default=True)
    timeout_s = serializers.FloatField(default=30.0, min_value=1, max_value=600)
    streams = serializers.BooleanField(default=False)
    input_price = serializers.FloatField(default=0.0, min_value=0)
    output_price = serializers.FloatField(default=0.0, min_value=0)
    calls_a_day = serializers.IntegerField(
        default=200, allow_null=True, min_value=0, max_value=2**31 - 1
    )
    tokens_a_day = serializers.IntegerField(
        default=None, allow_null=True, min_value=0, max_value=2**31 - 1
    )
    money_a_day = serializers.FloatField(default=None, allow_null=True, min_value=0)


class LanguageModelInfo(serializers.Serializer[Any]):
    """The language model; its key is never given out."""

    configured = serializers.BooleanField()
    base_url = serializers.CharField()
    model = serializers.CharField()
    has_key = serializers.BooleanField()
    enabled = serializers.BooleanField()
    timeout_s = serializers.FloatField()
    streams = serializers.BooleanField()
    input_price = serializers.FloatField()
    output_price = serializers.FloatField()
    calls_a_day = serializers.IntegerField(allow_null=True)
    tokens_a_day = serializers.IntegerField(allow_null=True)
    money_a_day = serializers.FloatField(allow_null=True)
    down_until = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField()


class ModelTestAnswer(serializers.Serializer[Any]):
    """What a real call gave."""

    ok = serializers.BooleanField()
    sent = serializers.CharField(help_text="the question as it was sent, redacted")
    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name
    reason = serializers.CharField()
    model = serializers.CharField()
    elapsed_ms = serializers.IntegerField()
    calls = serializers.IntegerField()
    input_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    money = serializers.FloatField()
    detail = serializers.CharField(help_text="the failure in words")


def model_json(row: LanguageModel, *, configured: bool) -> dict[str, object]:
    """Render the settings; the key stays here."""
    return {
        "configured": configured,
        "base_url": row.base_url,
        "model": row.model,
        "has_key": bool(row.key),
        "enabled": row.is_enabled,
        "timeout_s": row.timeout_s,
        "streams": row.streams,
        "input_price": row.input_price,
        "output_price": row.output_price,
        "calls_a_day": row.calls_a_day,
        "tokens_a_day": row.tokens_a_day,
        "money_a_day": row.money_a_day,
        "down_until": row.down_until.isoformat() if row.down_until else None,
        "error": row.error,
    }


def test_json(answer: TestAnswer) -> dict[str, object]:
    """Render what a test call gave."""
    return asdict(answer)
