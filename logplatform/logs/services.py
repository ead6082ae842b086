"""What is written when lines arrive: sources and batches. Seals are in `seal`.

A batch is durable before it is acknowledged: bytes first, synced, its row last.
"""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, BinaryIO

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Q

from logplatform.accounts.errors import NotVisibleError
from logplatform.logs import wal
from logplatform.logs.errors import (
    EmptyInputError,
    InvalidSourceError,
    KeyReusedError,
    SourceExistsError,
    StorageFullError,
)
from logplatform.logs.group_commit import GroupCommit
from logplatform.logs.models import Batch, BatchState, Source
from logscan import HEADER_FORMATS, HeaderFormat, UnknownFormat, detect_format, read_blocks
from logscan import header_format as named_format

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from logplatform.accounts.models import Team

SOURCE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
# What people may ask for besides a format's name.
OWN_FORMAT, AUTOMATIC = "custom", "auto"
PATTERN_CHARS = 500
SAMPLE_BYTES = 1 << 18  # some 1,000 lines: enough for a format, read at once
PART_BYTES = 16 << 20  # a part of an upload is one block of a segment
PART_LINES = 65_536
MAX_KEY_CHARS = 200
DISK_FULL_SQLSTATE = "53100"


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of one request or file: its batches, stored now or by an earlier one."""

    batches: tuple[Batch, ...]
    is_duplicate: bool

    @property
    def lines(self) -> int:
        """Physical lines of all batches."""
        return sum(batch.lines for batch in self.batches)

    @property
    def bytes(self) -> int:
        """Bytes of all batches, as stored."""
        return sum(batch.length for batch in self.batches)


def create_source(*, team: Team, name: str) -> Source:
    """Create a source; its name is unique in the team and safe in URLs and queries."""
    if not SOURCE_NAME.fullmatch(name):
        raise InvalidSourceError(
            f"source name {name!r}: 1 to 100 letters, digits, '.', '_' or '-', "
            "beginning with a letter or digit"
        )
    source, is_new = Source.objects.get_or_create(team=team, name=name)
    if not is_new:
        raise SourceExistsError(f"a source named {name} exists")
    return source


def delete_source(source: Source) -> None:
    """Delete a source with all it holds; its files are swept up once no row names them."""
    with transaction.atomic():
        source.delete()


def header_format(source: Source) -> HeaderFormat | None:
    """Return the source's header format, None before its first lines were seen."""
    if not source.format_name:
        return None
    return HeaderFormat(source.format_name, source.format_pattern)


def chosen_format(name: str, pattern: str) -> HeaderFormat | None:
    """Return the format of a name that a person gave, or of a pattern; None for neither.

    Raises
    ------
    logscan.UnknownFormat
        There is no such format, or the pattern cannot be read.
    """
    if pattern:
        if len(pattern) > PATTERN_CHARS:
            raise UnknownFormat(f"a header pattern has at most {PATTERN_CHARS} characters")
        return HeaderFormat(OWN_FORMAT, pattern)
    return named_format(name) if name not in {"", AUTOMATIC} else None


def set_format(source: Source, header: HeaderFormat | None) -> None:
    """Read what the source accepts from now on by a format; None: by the one it looks like.

    Records that are sealed already stay as they were read.
    """
    source.format_name = header.name if header else ""
    source.format_pattern = header.pattern if header else ""
    source.save(update_fields=["format_name", "format_pattern"])


def ensure_format(source: Source, sample: bytes) -> HeaderFormat:
    """Return the source's header format, detected on ``sample`` where it has none.

    The first to set it wins, so that all of a source's lines are read alike.
    """
    if not source.format_name:
        found = detect_format(sample)
        Source.objects.filter(pk=source.pk, format_name="").update(
            format_name=found.name, format_pattern=found.pattern
        )
        source.refresh_from_db(fields=["format_name", "format_pattern"])
    return header_format(source) or HEADER_FORMATS["none"]


def count_lines(data: bytes) -> int:
    """Return the physical lines of some bytes; a last one without line end counts."""
    return data.count(b"\n") + (not data.endswith(b"\n"))


def accept_batch(source: Source, data: bytes, *, key: str = "") -> Accepted:
    """Store one request's lines and return once they are durable.

    Parameters
    ----------
    source : Source
    data : bytes
        The decoded body, stored byte for byte.
    key : str
        The client's Idempotency-Key. Without one, the same bytes again are a duplicate.

    Raises
    ------
    EmptyInputError, KeyReusedError, StorageFullError
    """
    if not data:
        raise EmptyInputError("the body is empty")
    digest = wal.content_hash(data)
    identity = f"key:{wal.content_hash(key.encode())}" if key else f"body:{digest}"
    draft = _draft(source, data, digest=digest, identity=identity)
    stored = _committer(settings.HOME.wal).submit(_Post(draft, data))
    if stored is None:
        raise NotVisibleError(f"no source {source.name}: it was deleted meanwhile")
    if stored.content_hash != digest:
        raise KeyReusedError(f"Idempotency-Key {key[:MAX_KEY_CHARS]!r} came with other bytes")
    return Accepted((stored,), is_duplicate=stored.pk != draft.pk)


def accept_upload(source: Source, stream: BinaryIO) -> Accepted:
    """Store a whole decoded file as batches of at most 16 MiB, all of them or none.

    The same bytes a second time are a duplicate, whatever the file's name or compression.
    """
    reserve = settings.CONFIG.disk_reserve_bytes
    with wal.spool(settings.HOME.wal, stream, reserve=reserve) as (name, digest):
        earlier = _parts(source, digest)
        if not earlier:
            drafts = _draft_parts(source, settings.HOME.wal / name, digest)
            try:
                with full_database_is_named(), transaction.atomic():
                    Batch.objects.bulk_create(drafts, batch_size=500)
            except IntegrityError:  # the same file came twice at once: the other one won
                earlier = _parts(source, digest)
                if not earlier:
                    raise
            else:
                return Accepted(tuple(drafts), is_duplicate=False)
    (settings.HOME.wal / name).unlink()
    return Accepted(tuple(earlier), is_duplicate=True)


def _parts(source: Source, digest: str) -> list[Batch]:
    """Return the batches of a file that was stored before, in order."""
    whole = Batch.objects.filter(source=source, identity__startswith=f"file:{digest}:")
    return list(whole.order_by("number"))


def _draft_parts(source: Source, path: Path, digest: str) -> list[Batch]:
    number, offset, drafts = time.time_ns(), 0, []
    with path.open("rb") as file:
        sample = file.read(SAMPLE_BYTES)
        if not sample:
            raise EmptyInputError("the file is empty")
        header = ensure_format(source, sample)
        file.seek(0)
        blocks = read_blocks(
            file, header=header, block_bytes=PART_BYTES, block_lines=PART_LINES
        )
        for index, data in enumerate(blocks):
            draft = _draft(
                source,
                data,
                digest=wal.content_hash(data),
                identity=f"file:{digest}:{index}",
            )
            draft.number, draft.file, draft.offset = number + index, path.name, offset
            offset += len(data)
            drafts.append(draft)
    return drafts


def _draft(source: Source, data: bytes, *, digest: str, identity: str) -> Batch:
    return Batch(
        source=source,
        number=time.time_ns(),
        identity=identity,
        content_hash=digest,
        state=BatchState.ACCEPTED,
        length=len(data),
        lines=count_lines(data),
        received=datetime.now(tz=UTC),
    )


@dataclass(frozen=True, slots=True)
class _Post:
    draft: Batch
    data: bytes


@cache
def _file(folder: Path) -> wal.WriteAheadFile:
    """Return the one write-ahead file of this process."""
    return wal.WriteAheadFile(folder)


@cache
def _committer(folder: Path) -> GroupCommit[_Post, Batch | None]:
    return GroupCommit(lambda posts: _commit(_file(folder), posts))


def close_files() -> None:
    """Let go of this process's write-ahead file; the next request begins another."""
    _file(settings.HOME.wal).close()


def _commit(file: wal.WriteAheadFile, posts: Sequence[_Post]) -> list[Batch | None]:
    """Make posts durable, bytes first; return for each the row that holds its bytes."""
    stored = _find([post.draft for post in posts])
    fresh: dict[tuple[int, str], _Post] = {}
    for post in posts:
        if _identity(post.draft) not in stored:
            fresh.setdefault(_identity(post.draft), post)
    if fresh:
        news = list(fresh.values())
        total = sum(len(post.data) for post in news)
        wal.require_room(settings.HOME.wal, total, reserve=settings.CONFIG.disk_reserve_bytes)
        for post, place in zip(news, file.append([post.data for post in news]), strict=True):
            post.draft.file, post.draft.offset = place.file, place.offset
        stored |= _insert([post.draft for post in news])
    return [stored.get(_identity(post.draft)) for post in posts]


def _insert(drafts: list[Batch]) -> dict[tuple[int, str], Batch]:
    """Commit rows; another process may have been first with some of them.

    Where a source has been deleted meanwhile, its rows alone are left out.
    """
    try:
        with full_database_is_named(), transaction.atomic():
            Batch.objects.bulk_create(drafts, ignore_conflicts=True)
    except IntegrityError:
        known = set(
            Source.objects.filter(pk__in={draft.source_id for draft in drafts}).values_list(
                "pk", flat=True
            )
        )
        rest = [draft for draft in drafts if draft.source_id in known]
        if len(rest) == len(drafts):
            raise
        return _insert(rest) if rest else {}
    return _find(drafts)


@contextmanager
def full_database_is_named() -> Iterator[None]:
    """Turn the database's "no room" into `StorageFullError`."""
    try:
        yield
    except DatabaseError as error:
        cause = error.__cause__
        is_full = getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        if not is_full and getattr(cause, "sqlstate", None) != DISK_FULL_SQLSTATE:
            raise
        raise StorageFullError(f"database: {error}") from error


def _find(drafts: Sequence[Batch]) -> dict[tuple[int, str], Batch]:
    wanted: dict[int, list[str]] = {}
    for draft in drafts:
        wanted.setdefault(draft.source_id, []).append(draft.identity or "")
    condition = Q()
    for source_id, identities in wanted.items():
        condition |= Q(source_id=source_id, identity__in=identities)
    return {_identity(row): row for row in Batch.objects.filter(condition)}


def _identity(batch: Batch) -> tuple[int, str]:
    return (batch.source_id, batch.identity or "")
