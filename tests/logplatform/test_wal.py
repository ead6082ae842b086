"""The write-ahead files: what was written is read back or refused, never something else."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from logplatform.logs import wal
from logplatform.logs.errors import CorruptBatchError, StorageFullError
from logplatform.logs.models import Batch


@pytest.fixture
def file(tmp_path):
    file = wal.WriteAheadFile(tmp_path)
    yield file
    file.close()


def batch_at(place, data):
    return Batch(
        file=place.file,
        offset=place.offset,
        length=place.length,
        content_hash=wal.content_hash(data),
    )


def test_payloads_are_read_back_from_where_they_lie(tmp_path, file):
    payloads = [b"one\n", b"\0\xff" * 1000, b"three"]
    places = [*file.append(payloads[:2]), *file.append(payloads[2:])]
    assert len({place.file for place in places}) == 1
    for place, data in zip(places, payloads, strict=True):
        assert wal.read(tmp_path, batch_at(place, data)) == data


@pytest.mark.parametrize("bit", range(0, 64, 7))
def test_flipped_bit_is_refused(tmp_path, file, bit):
    data = b"12345678"
    (place,) = file.append([data])
    path = tmp_path / place.file
    damaged = bytearray(path.read_bytes())
    damaged[bit // 8] ^= 1 << bit % 8
    path.write_bytes(damaged)
    with pytest.raises(CorruptBatchError, match=place.file):
        wal.read(tmp_path, batch_at(place, data))


@pytest.mark.parametrize("length", range(5))
def test_torn_tail_is_refused(tmp_path, file, length):
    (place,) = file.append([b"lines"])
    with (tmp_path / place.file).open("r+b") as torn:
        torn.truncate(length)
    with pytest.raises(CorruptBatchError):
        wal.read(tmp_path, batch_at(place, b"lines"))


def test_file_is_in_use_until_its_writer_lets_go(tmp_path, file):
    file.append([b"x"])
    path = tmp_path / file.name
    assert wal.is_in_use(path)
    file.close()
    assert not wal.is_in_use(path)


def test_another_file_is_begun_after_closing(file):
    (first,) = file.append([b"x"])
    file.close()
    (second,) = file.append([b"y"])
    assert first.file != second.file


def test_spool_is_deleted_when_its_body_fails(tmp_path):
    with (
        pytest.raises(KeyError),
        wal.spool(tmp_path, io.BytesIO(b"lines"), reserve=0) as (name, digest),
    ):
        assert (tmp_path / name).read_bytes() == b"lines"
        assert digest == wal.content_hash(b"lines")
        raise KeyError
    assert not list(tmp_path.iterdir())


def test_spool_that_would_fill_the_disk_leaves_nothing(tmp_path):
    with (
        pytest.raises(StorageFullError, match="reserve"),
        wal.spool(tmp_path, io.BytesIO(b"lines"), reserve=1 << 60),
    ):
        pytest.fail("the body must not run")
    assert not list(tmp_path.iterdir())


def test_full_disk_is_named():
    with (
        pytest.raises(StorageFullError, match="x: No space left"),
        Path("/dev/full").open("wb", 0) as file,
        wal.disk_full_is_named("x"),
    ):
        file.write(b"x")
