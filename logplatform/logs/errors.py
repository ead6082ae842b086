"""What the logs app raises; `logplatform.api.problems` has the HTTP status of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID


class LogsError(Exception):
    """Anything that the logs app refuses or cannot do."""


class InvalidSourceError(LogsError):
    """A name that a source cannot have."""


class SourceExistsError(LogsError):
    """The team has a source of this name."""


class EmptyInputError(LogsError):
    """There is not one byte to store."""


class KeyReusedError(LogsError):
    """An Idempotency-Key came again with other bytes."""


class StorageFullError(LogsError):
    """There is no room; nothing of the request was stored."""


class CorruptBatchError(LogsError):
    """The bytes of an unsealed batch are not those that were accepted."""

    def __init__(self, batch_id: UUID, message: str) -> None:
        super().__init__(f"batch {batch_id}: {message}")
        self.batch_id = batch_id


class LeaseLostError(LogsError):
    """Another worker holds the job, or the row changed under this one."""


class DeadlyJobError(LogsError):
    """A job whose workers died time and again."""


class MergeRefusedError(LogsError):
    """Merged segments would not say the same of their records."""


class UnknownSampleError(LogsError):
    """No sample log has this name."""


class InvalidCursorError(LogsError):
    """A cursor that no page of this order gave out."""


class NoRecordError(LogsError):
    """No record has this id, or none that the asker may see."""


class GoneMeanwhileError(LogsError):
    """A source, or lines of it, were deleted while they were being searched."""


class NoJudgeError(LogsError):
    """A query asks what templates are called where no app has registered as their judge."""


class NoTemplateError(LogsError):
    """The source has no template of this id."""


class InvalidEditError(LogsError):
    """Something that cannot be done to a template; says why."""


class NothingToLearnError(LogsError):
    """Nobody has corrected a variable of the source."""


class EditConflictError(LogsError):
    """The source changed again and again while an edit was worked out."""


class EditedMeanwhileError(LogsError):
    """A person edited templates while a segment was made; it is made again."""
