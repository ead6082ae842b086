"""Accepting lines: durable, once, all of a request or nothing."""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from logplatform.logs import services, wal
from logplatform.logs.errors import (
    EmptyInputError,
    InvalidSourceError,
    KeyReusedError,
    SourceExistsError,
    StorageFullError,
)
from logplatform.logs.models import Batch


def stored(home, source):
    return [
        wal.read(home.wal, batch)
        for batch in Batch.objects.filter(source=source).order_by("number")
    ]


def full(settings):
    settings.CONFIG = settings.CONFIG.model_copy(update={"disk_reserve_bytes": 1 << 60})


@pytest.mark.parametrize(
    "data", [b"one\n", b"no newline", b"a\r\nb\r\n", b"\0\xff\xfe", b"\n\n", b" "]
)
def test_bytes_are_stored_as_they_came(home, source, data):
    accepted = services.accept_batch(source, data)
    assert not accepted.is_duplicate
    assert stored(home, source) == [data]
    assert accepted.lines == data.count(b"\n") + (not data.endswith(b"\n"))


def test_same_body_again_is_a_duplicate(home, source):
    first = services.accept_batch(source, b"x\n")
    again = services.accept_batch(source, b"x\n")
    assert again.is_duplicate
    assert again.batches == first.batches
    assert stored(home, source) == [b"x\n"]


def test_same_body_with_another_key_is_stored(home, source):
    services.accept_batch(source, b"x\n", key="1")
    assert not services.accept_batch(source, b"x\n", key="2").is_duplicate
    assert stored(home, source) == [b"x\n", b"x\n"]


def test_key_with_another_body_is_refused(home, source):
    services.accept_batch(source, b"x\n", key="1")
    with pytest.raises(KeyReusedError, match="'1'"):
        services.accept_batch(source, b"y\n", key="1")
    assert stored(home, source) == [b"x\n"]


def test_empty_input_is_refused(source):
    with pytest.raises(EmptyInputError):
        services.accept_batch(source, b"")
    with pytest.raises(EmptyInputError):
        services.accept_upload(source, io.BytesIO())


def test_full_disk_stores_nothing(settings, home, source):
    full(settings)
    with pytest.raises(StorageFullError):
        services.accept_batch(source, b"x\n")
    with pytest.raises(StorageFullError):
        services.accept_upload(source, io.BytesIO(b"x\n"))
    assert not Batch.objects.exists()
    assert not list(home.wal.glob("upload*"))


def test_space_that_comes_back_is_used(settings, home, source):
    room = settings.CONFIG
    full(settings)
    with pytest.raises(StorageFullError):
        services.accept_batch(source, b"x\n")
    settings.CONFIG = room
    assert not services.accept_batch(source, b"x\n").is_duplicate
    assert stored(home, source) == [b"x\n"]


def test_upload_is_cut_into_parts_that_join_to_the_file(home, source):
    data = b"".join(b"2024-05-01 12:00:00 INFO app: line %d\n" % n for n in range(150_000))
    accepted = services.accept_upload(source, io.BytesIO(data))
    assert len(accepted.batches) == 3
    assert accepted.lines == 150_000
    assert b"".join(stored(home, source)) == data


def test_same_file_again_is_a_duplicate(home, source):
    data = b"line\n" * 100_000
    first = services.accept_upload(source, io.BytesIO(data))
    again = services.accept_upload(source, io.BytesIO(data))
    assert again.is_duplicate
    assert [batch.pk for batch in again.batches] == [batch.pk for batch in first.batches]
    assert len(list(home.wal.glob("upload*"))) == 1


def test_file_may_repeat_itself(home, source):
    data = (b"x" * 99 + b"\n") * (2 * services.PART_LINES)
    accepted = services.accept_upload(source, io.BytesIO(data))
    assert len(accepted.batches) == 2
    assert accepted.batches[0].content_hash == accepted.batches[1].content_hash
    assert b"".join(stored(home, source)) == data


@pytest.mark.parametrize("name", ["", "a b", "../x", "a/b", "x" * 101, ".hidden", "ä", "a\n"])
def test_name_that_does_not_fit_is_refused(team, name):
    with pytest.raises(InvalidSourceError):
        services.create_source(team=team, name=name)


def test_name_is_unique_in_the_team(team, source):
    with pytest.raises(SourceExistsError):
        services.create_source(team=team, name=source.name)


@pytest.mark.django_db(transaction=True)
def test_batch_sent_by_many_at_once_is_stored_once(home, team):
    source = services.create_source(team=team, name="shop")
    barrier = threading.Barrier(8)

    def send(number):
        barrier.wait(10)
        try:
            return [
                services.accept_batch(source, b"batch %d\n" % (n % 20), key=str(n % 20))
                for n in range(number, number + 25)
            ]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        accepted = [one for sent in pool.map(send, range(8)) for one in sent]
    assert sum(not one.is_duplicate for one in accepted) == 20
    assert sorted(stored(home, source)) == sorted(b"batch %d\n" % n for n in range(20))
