"""The JSON that the API gives and takes, for rendering and for the OpenAPI document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from logplatform.accounts.models import Role, Scope
from logplatform.logs.models import BatchState, Job, JobState
from logplatform.logs.timestamps import format_time

if TYPE_CHECKING:
    from logplatform.accounts.models import ApiToken
    from logplatform.logs.catalog import SourceSummary


def rfc3339(time_ns: int | None) -> str | None:
    """Return nanoseconds since 1970 as RFC 3339 in UTC, None for no time."""
    return None if time_ns is None else format_time(time_ns)


class Credentials(serializers.Serializer[Any]):
    """What signs a person in."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=200, trim_whitespace=False)


class SessionUser(serializers.Serializer[Any]):
    """A signed-in person."""

    username = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)


class Session(serializers.Serializer[Any]):
    """A session; ``csrf`` goes into the X-CSRFToken header of each change."""

    user = SessionUser()
    team = serializers.CharField()
    csrf = serializers.CharField()


class NewSource(serializers.Serializer[Any]):
    """What creates a source."""

    name = serializers.CharField(max_length=100)


class SourceInfo(serializers.Serializer[Any]):
    """A source and its sums; lines and raw bytes include what is not sealed yet."""

    name = serializers.CharField()
    format = serializers.CharField(help_text="header format, empty before the first lines")
    pattern = serializers.CharField(help_text="the header format's pattern")
    created = serializers.DateTimeField()
    lines = serializers.IntegerField()
    records = serializers.IntegerField(help_text="sealed records")
    raw_bytes = serializers.IntegerField()
    stored_bytes = serializers.IntegerField(help_text="bytes of segments")
    first_time = serializers.CharField(allow_null=True)
    last_time = serializers.CharField(allow_null=True)
    templates = serializers.IntegerField()
    pending_batches = serializers.IntegerField()
    failed_jobs = serializers.IntegerField()


class SourceList(serializers.Serializer[Any]):
    """The team's sources by name."""

    results = SourceInfo(many=True)


def source_json(summary: SourceSummary) -> dict[str, object]:
    """Render one source."""
    return {
        "name": summary.source.name,
        "format": summary.source.format_name,
        "pattern": summary.source.format_pattern,
        "created": summary.source.created.isoformat(),
        "lines": summary.lines,
        "records": summary.records,
        "raw_bytes": summary.raw_bytes,
        "stored_bytes": summary.stored_bytes,
        "first_time": rfc3339(summary.first_time_ns),
        "last_time": rfc3339(summary.last_time_ns),
        "templates": summary.templates,
        "pending_batches": summary.pending_batches,
        "failed_jobs": summary.failed_jobs,
    }


class IngestAnswer(serializers.Serializer[Any]):
    """What became of a request: durable now, or known from before."""

    batch = serializers.UUIDField()
    accepted_lines = serializers.IntegerField()
    bytes = serializers.IntegerField()
    duplicate = serializers.BooleanField()


class UploadAnswer(serializers.Serializer[Any]):
    """What became of a file."""

    batches = serializers.ListField(child=serializers.UUIDField())
    lines = serializers.IntegerField()
    bytes = serializers.IntegerField()
    duplicate = serializers.BooleanField()


class BatchInfo(serializers.Serializer[Any]):
    """A batch on its way into a segment."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=[*BatchState.values, "sealing"])
    lines = serializers.IntegerField()
    bytes = serializers.IntegerField()
    error = serializers.CharField()


class NewToken(serializers.Serializer[Any]):
    """What creates a token."""

    name = serializers.CharField(max_length=100)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=Scope.choices), min_length=1
    )
    source = serializers.CharField(  # type: ignore[assignment]  # a field of that name
        required=False, allow_null=True, max_length=100
    )
    expires = serializers.DateTimeField(required=False, allow_null=True)


class TokenInfo(serializers.Serializer[Any]):
    """A token; ``secret`` is given once, in the answer that creates it."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    prefix = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    source = serializers.CharField(  # type: ignore[assignment]  # a field of that name
        allow_null=True
    )
    created = serializers.DateTimeField()
    expires = serializers.DateTimeField(allow_null=True)
    last_used = serializers.DateTimeField(allow_null=True)
    secret = serializers.CharField(required=False)


class TokenList(serializers.Serializer[Any]):
    """The team's tokens, newest first."""

    results = TokenInfo(many=True)


def token_json(token: ApiToken, **extra: str) -> dict[str, object]:
    """Render one token."""
    return {
        "id": token.pk,
        "name": token.name,
        "prefix": token.prefix,
        "scopes": token.scopes,
        "source": token.source.name if token.source else None,
        "created": token.created.isoformat(),
        "expires": token.expires.isoformat() if token.expires else None,
        "last_used": token.last_used.isoformat() if token.last_used else None,
        **extra,
    }


class JobInfo(serializers.Serializer[Any]):
    """A piece of work and how far it is."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    source = serializers.CharField(  # type: ignore[assignment]  # a field of that name
        allow_null=True
    )
    subject = serializers.CharField(help_text="what it is about in its source; often empty")
    state = serializers.ChoiceField(choices=JobState.choices)
    attempts = serializers.IntegerField()
    progress = serializers.FloatField(help_text="share done, 0 to 1")
    error = serializers.CharField()
    created = serializers.DateTimeField()
    finished = serializers.DateTimeField(allow_null=True)


class JobList(serializers.Serializer[Any]):
    """Jobs, newest first; ``cursor`` is the value of ``before`` for the next page."""

    results = JobInfo(many=True)
    cursor = serializers.IntegerField(allow_null=True)


def job_json(job: Job) -> dict[str, object]:
    """Render one job."""
    return {
        "id": job.pk,
        "kind": job.kind,
        "source": job.source.name if job.source else None,
        "subject": job.subject,
        "state": job.state,
        "attempts": job.attempts,
        "progress": job.progress,
        "error": job.error,
        "created": job.created.isoformat(),
        "finished": job.finished.isoformat() if job.finished else None,
    }


class SampleSearch(serializers.Serializer[Any]):
    """A query worth trying on a sample."""

    query = serializers.CharField()
    shows = serializers.CharField()
    hits = serializers.IntegerField(help_text="records that match")


class SampleInfo(serializers.Serializer[Any]):
    """A log that ships with the platform."""

    name = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    lines = serializers.IntegerField()
    bytes = serializers.IntegerField()
    searches = SampleSearch(many=True)


class SampleList(serializers.Serializer[Any]):
    """All samples."""

    results = SampleInfo(many=True)


class SampleAnswer(serializers.Serializer[Any]):
    """Where a sample was loaded to."""

    source = serializers.CharField(  # type: ignore[assignment]  # a field of that name
    )
    batches = serializers.ListField(child=serializers.UUIDField())
    lines = serializers.IntegerField()
    bytes = serializers.IntegerField()
    duplicate = serializers.BooleanField()
