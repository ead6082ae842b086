"""Segments as file objects, and the lines of one that match."""

import io

import pytest

import logzip
from tests.logzip.shop_lines import shop_log

LOG = shop_log(400)


@pytest.fixture
def packed(tmp_path, monkeypatch):
    monkeypatch.setattr("logzip.files.BLOCK_LINES", 150)
    path = tmp_path / "shop.lgz"
    with logzip.open(path, "wb", level="fast") as file:
        for start in range(0, len(LOG), 777):
            assert file.write(LOG[start : start + 777]) == len(LOG[start : start + 777])
    return path


def test_what_was_written_is_read(packed):
    with logzip.open(packed) as file:
        assert file.read() == LOG
    with logzip.Segment.open(packed) as segment:
        assert len(segment.blocks) > 2


def test_lines_are_read_one_by_one(packed):
    with logzip.open(packed) as file:
        assert list(file) == LOG.splitlines(keepends=True)


@pytest.mark.parametrize("place", [0, 1, 5000, len(LOG) - 3, len(LOG), len(LOG) + 9])
def test_any_place_is_read(packed, place):
    with logzip.open(packed) as file:
        assert file.seek(place) == place
        assert file.read(100) == LOG[place : place + 100]
        assert file.tell() == max(place, min(place + 100, len(LOG)))
        file.seek(-10, io.SEEK_END)
        assert file.read() == LOG[-10:]


def test_full_blocks_are_written_before_the_file_is_closed(monkeypatch):
    monkeypatch.setattr("logzip.files.BLOCK_BYTES", 4000)
    out = io.BytesIO()
    file = logzip.open(out, "wb")
    file.write(LOG)
    assert len(out.getvalue()) > 1000
    file.close()
    file.close()
    assert logzip.open(out).read() == LOG


def test_an_empty_file_is_an_empty_log():
    out = io.BytesIO()
    logzip.open(out, "wb").close()
    assert logzip.open(out).read() == b""


def test_another_mode_is_refused(tmp_path):
    with pytest.raises(ValueError, match="mode 'r'"):
        logzip.open(tmp_path / "x", "r")  # type: ignore[arg-type]  # what is tested


@pytest.mark.parametrize("invert", [False, True])
def test_found_lines_have_their_numbers(packed, invert):
    found = list(logzip.search(packed, "error", ignore_case=True, invert=invert))
    lines = LOG.splitlines(keepends=True)
    assert [(line.number, line.text) for line in found] == [
        (number, line)
        for number, line in enumerate(lines, start=1)
        if (b"error" in line.lower()) != invert
    ]
    assert found


def test_an_expression_is_searched_for(packed):
    found = [line.text for line in logzip.search(packed, r"^\s+at ", regex=True)]
    lines = LOG.splitlines(keepends=True)
    assert found == [
        line for line in lines if line.lstrip().startswith(b"at ") and line[:1].isspace()
    ]
