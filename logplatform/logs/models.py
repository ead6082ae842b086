"""The catalog: metadata of stored lines. Log lines themselves never become rows.

Times of records are integer nanoseconds since 1970 UTC; times of rows are datetimes.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from logplatform.accounts.models import Team

HASH_BITS = 64


class Source(models.Model):
    """Where lines come from. Its name is unique within the team.

    ``format_name`` and ``format_pattern`` are a `logscan.HeaderFormat`, empty until the first
    lines were seen. ``annotator_version`` counts the committed states of the source's
    `valb.Annotator`, the last in ``annotator_file`` below the home's annotators/ folder;
    raising it is part of each seal's transaction, so of two seals at once only one commits.
    ``template_edits`` counts what people did to templates; a seal that an edit overtook is done
    again, so that its counts and the edit's agree.
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="sources")
    name = models.CharField(max_length=100)
    created = models.DateTimeField(default=timezone.now)
    format_name = models.CharField(max_length=40, blank=True)
    format_pattern = models.CharField(max_length=500, blank=True)
    annotator_version = models.PositiveIntegerField(default=0)
    annotator_file = models.CharField(max_length=100, blank=True)
    template_edits = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "name"], name="source_name_once_per_team")
        ]

    def __str__(self) -> str:
        return self.name


class Segment(models.Model):
    """One immutable file of records, committed by this row.

    ``first_record`` is how many records of the source come before it: with it a record has one
    number for good, whatever segments are merged later.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="segments")
    path = models.CharField(max_length=200, unique=True)  # below the home's segments/ folder
    sequence = models.PositiveIntegerField()  # order of the source's segments, from 0
    created = models.DateTimeField(default=timezone.now)
    blocks = models.PositiveIntegerField()
    first_record = models.BigIntegerField(default=0)
    records = models.BigIntegerField()
    lines = models.BigIntegerField()
    raw_bytes = models.BigIntegerField()
    stored_bytes = models.BigIntegerField()
    time_min_ns = models.BigIntegerField()
    time_max_ns = models.BigIntegerField()
    levels = models.JSONField(default=dict)  # {"3": 17}: Level -> records

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "sequence"], name="segment_sequence_once")
        ]
        indexes = [
            models.Index(fields=["source", "time_max_ns"]),
            models.Index(fields=["source", "first_record"]),
        ]

    def __str__(self) -> str:
        return self.path


class BatchState(models.TextChoices):
    """``failed`` is set aside after repeated failing seals; still on disk, still searched."""

    ACCEPTED = "accepted"
    SEALED = "sealed"
    FAILED = "failed"


class Batch(models.Model):
    """One accepted request, or one part of an uploaded file: all of it or nothing.

    Its bytes are ``file[offset:offset + length]`` in the home's wal/ folder until sealed.
    ``identity`` is what makes a repetition a duplicate: the client's key, the content's hash
    or the uploaded file's hash and part; null once it is forgotten.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="batches")
    number = models.BigIntegerField()  # order of acceptance: nanoseconds, then part
    identity = models.CharField(max_length=100, null=True)  # noqa: DJ001  (null: forgotten)
    content_hash = models.CharField(max_length=32)  # BLAKE2b-128 of the bytes
    state = models.CharField(max_length=10, choices=BatchState, default=BatchState.ACCEPTED)
    file = models.CharField(max_length=80)
    offset = models.BigIntegerField()
    length = models.BigIntegerField()
    lines = models.BigIntegerField()
    received = models.DateTimeField()
    sealed = models.DateTimeField(null=True)
    segment = models.ForeignKey(
        Segment, on_delete=models.CASCADE, null=True, related_name="batches"
    )
    first_line = models.BigIntegerField(null=True)  # in the segment, from 0
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "identity"], name="batch_identity_once"),
            models.CheckConstraint(
                condition=models.Q(state=BatchState.SEALED, segment__isnull=False)
                | (~models.Q(state=BatchState.SEALED) & models.Q(segment__isnull=True)),
                name="batch_sealed_has_segment",
            ),
        ]
        indexes = [
            models.Index(
                fields=["source", "number"],
                condition=~models.Q(state=BatchState.SEALED),
                name="batch_unsealed",
            ),
            models.Index(fields=["file"], name="batch_file"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Template(models.Model):
    """A template of one source. ``key`` is valb's stable id of 16 hex digits.

    ``categories`` are the variables' category codes (``["OID", "STC"]``), in order.
    A merged template points at the one it became by ``alias_of``.

    Where a person has changed it, ``found`` has what the model says of it: ``text``,
    ``typed_text``, ``categories`` and the ``alias_of`` row. ``is_made`` tells a template that
    exists by an edit alone. ``name`` and ``is_pinned`` are people's.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="templates")
    key = models.CharField(max_length=16)
    text = models.TextField()
    typed_text = models.TextField()
    categories = models.JSONField(default=list)
    alias_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="aliases"
    )
    first_seen = models.DateTimeField(default=timezone.now)
    name = models.CharField(max_length=200, blank=True)
    is_pinned = models.BooleanField(default=False)
    is_made = models.BooleanField(default=False)
    found = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "key"], name="template_key_once")
        ]

    def __str__(self) -> str:
        return self.text


class Structure(models.Model):
    """A clustered structure as segments store it, and what it means.

    ``signed_hash`` is the structure's 64-bit hash as a signed number, as SQL knows no unsigned.
    ``spans`` has one ``[start_piece, start_trim, end_piece, end_trim]`` for each variable that
    the template had when the structure was first sealed, ``categories`` their codes. A template
    that has generalised since has other variables; its categories count where as many are left.
    ``named`` has the fields that the header format or a key names, see `named_fields`.

    Where a person's edit concerns it, ``found`` has the model's ``template`` row, ``spans`` and
    ``categories``, and ``parts`` the records that belong to other templates by a value of
    theirs: ``when`` (pairs of a span and a value, one character a byte), ``template``,
    ``spans`` and ``categories``. The first part that fits counts.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="structures")
    signed_hash = models.BigIntegerField()
    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="structures")
    spans = models.JSONField(default=list)
    categories = models.JSONField(default=list)
    named = models.JSONField(default=list)
    found = models.JSONField(null=True, blank=True)
    parts = models.JSONField(default=list)
    first_seen = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "signed_hash"], name="structure_hash_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.hash:016x}"

    @property
    def hash(self) -> int:
        """Return the structure's hash as the engines know it, 0 to 2**64 - 1."""
        return self.signed_hash & ((1 << HASH_BITS) - 1)


def to_signed(structure_hash: int) -> int:
    """Return an unsigned 64-bit hash as the signed number that the database stores."""
    if structure_hash >= 1 << (HASH_BITS - 1):
        return structure_hash - (1 << HASH_BITS)
    return structure_hash


class TemplateCount(models.Model):
    """Exact records of one template in one segment, by minute and level.

    Rows of several segments are added when read: nothing is ever updated in place, so a seal
    that is rolled back or a segment that is deleted takes exactly its counts along.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="counts")
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="counts")
    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="counts")
    minute = models.BigIntegerField()  # minutes since 1970 UTC
    level = models.PositiveSmallIntegerField()  # logscan.Level
    count = models.BigIntegerField()  # records

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "template", "minute", "level"], name="count_once"
            )
        ]
        indexes = [models.Index(fields=["source", "minute"])]

    def __str__(self) -> str:
        return f"{self.template_id} {self.minute} {self.level}: {self.count}"


class TemplateEditKind(models.TextChoices):
    """What a person did; `template_rules` says what each of them means."""

    RENAME = "rename"
    PIN = "pin"
    CATEGORY = "category"
    VARIABLE = "variable"
    CONSTANT = "constant"
    MERGE = "merge"
    SEPARATE = "separate"


class Lesson(models.Model):
    """What was learned from people's corrections of a source's templates; see `lessons`.

    ``examples`` has the corrected templates and messages of each, as `valb.Example` has them;
    ``templates`` counts them and ``corrections`` the edits that were in force then. The edits
    of templates that follow from it are its own. It is in force until ``ended``: by hand, or by
    the next one.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="lessons")
    number = models.PositiveIntegerField()  # in its source, from 1
    created = models.DateTimeField(default=timezone.now)
    looked = models.DateTimeField(default=timezone.now)  # templates seen since are not asked
    author_name = models.CharField(max_length=150, blank=True)  # empty: begun by itself
    examples = models.JSONField(default=list)
    templates = models.PositiveIntegerField(default=0)
    corrections = models.PositiveIntegerField(default=0)
    ended = models.DateTimeField(null=True, blank=True)
    ended_name = models.CharField(max_length=150, blank=True)  # empty: by the next one

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="lesson_number_once"),
            models.UniqueConstraint(
                fields=["source"],
                condition=models.Q(ended__isnull=True),
                name="one_lesson_in_force",
            ),
        ]

    def __str__(self) -> str:
        return f"lesson {self.number} of {self.source_id}"


class TemplateEdit(models.Model):
    """One thing that a person did to a template; undone ones stay, for the history.

    ``template`` is the key of the one it was done to, ``details`` what its kind needs. Names
    are kept beside the rows of people, who may leave. An edit with a ``lesson`` was not done by
    a person but follows from what people did to others.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="edits")
    kind = models.CharField(max_length=10, choices=TemplateEditKind)
    template = models.CharField(max_length=16)
    details = models.JSONField(default=dict)
    created = models.DateTimeField(default=timezone.now)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    author_name = models.CharField(max_length=150)
    lesson = models.ForeignKey(
        Lesson, on_delete=models.CASCADE, null=True, blank=True, related_name="edits"
    )
    undone = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    undone_name = models.CharField(max_length=150, blank=True)

    class Meta:
        indexes = [models.Index(fields=["source", "template"], name="edit_of_template")]

    def __str__(self) -> str:
        return f"{self.kind} {self.template} by {self.author_name}"


class JobKind(models.TextChoices):
    """What a job does; one task each in `logplatform.tasks`."""

    SEAL = "seal"
    MERGE = "merge"
    ALERTS = "alerts"
    REPORT = "report"
    TRIAGE = "triage"
    RETRAIN = "retrain"
    DETECT = "detect"
    TRAIN = "train"
    LEARN = "learn"


class JobState(models.TextChoices):
    """``queued`` and ``running`` are open; a running job is held until ``lease_until``."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


OPEN_JOB_STATES = [JobState.QUEUED, JobState.RUNNING]


class Job(models.Model):
    """A piece of work. This row is the promise, a queue message with its id only a nudge.

    ``attempts`` is raised by each lease and so tells an outdated holder from the present one;
    ``deaths`` counts the holders that never came back.
    """

    kind = models.CharField(max_length=10, choices=JobKind)
    source = models.ForeignKey(
        Source, on_delete=models.CASCADE, related_name="jobs", null=True, blank=True
    )
    subject = models.CharField(max_length=200, blank=True)  # what it is about in its source
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    owner = models.CharField(max_length=100, blank=True)  # host:pid of the holder
    lease_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    deaths = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    progress = models.FloatField(default=0.0)  # share done, 0 to 1
    created = models.DateTimeField(default=timezone.now)
    finished = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "source", "subject"],
                condition=models.Q(state__in=["queued", "running"], source__isnull=False),
                name="one_open_job_per_source",
            ),
            # NULL equals nothing, so jobs of no source need a constraint of their own.
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=models.Q(state__in=["queued", "running"], source__isnull=True),
                name="one_open_job_per_subject",
            ),
        ]
        indexes = [models.Index(fields=["state", "not_before"])]

    def __str__(self) -> str:
        return f"{self.about} {self.state}"

    @property
    def about(self) -> str:
        """Say what the job does, to what."""
        name = self.source.name if self.source else ""
        return " ".join(filter(None, (self.kind, name, self.subject)))
