"""What `logzip export` writes."""

import io
import json
import subprocess
import sys
from datetime import UTC, datetime

import pyarrow.parquet as pq
import pytest

import logzip
from logscan import detect_format, scan
from logzip.export import export
from tests.logzip.shop_lines import shop_log

LOG = (
    b"2026-11-21 10:00:00,250 INFO shop.pay - paid 12.50 by user-7\n"
    b"2026-11-21 10:00:01,000 ERROR shop.pay - card refused: \xff after 3 tries\n"
    b"Traceback (most recent call last):\n"
    b'  File "pay.py", line 12\n'
    b"2026-11-21 10:00:02,000 INFO shop.pay - paid 99999999999999999999 by user-8\n"
)


def exported(log, kind):
    """Return a log exported from a segment of columns, however small it is."""
    packed, out = io.BytesIO(), io.BytesIO()
    writer = logzip.SegmentWriter(packed)
    if log:
        writer.add_clustered(scan(log, header=detect_format(log), received_ns=0))
    writer.close()
    with logzip.Segment.open(packed) as segment:
        export(segment, out, kind)
    return out.getvalue()


@pytest.mark.parametrize("log", [LOG, shop_log(300), b"", b"\n\n", b"\x00\xff\r\n"])
def test_raw_is_what_went_in(log):
    assert exported(log, "raw") == log


def test_parquet_has_a_row_for_each_record_with_typed_columns():
    rows = pq.read_table(io.BytesIO(exported(LOG, "parquet"))).to_pylist()
    assert [(row["record"], row["line"], row["level"]) for row in rows] == [
        (1, 1, "info"), (2, 2, "error"), (3, 5, "info"),
    ]  # fmt: skip
    assert rows[0]["time"] == datetime(2026, 11, 21, 10, 0, 0, 250_000, tzinfo=UTC)
    assert rows[0]["text"] == LOG.splitlines()[0].decode()
    assert rows[1]["text"].count("\n") == 2
    assert "\\xff" in rows[1]["text"]
    paid = dict(zip(rows[0]["values"], rows[0]["numbers"], strict=True))
    assert 12.5 in paid.values()
    assert rows[2]["values"][-2] == "99999999999999999999"
    assert rows[2]["numbers"][-2] is None
    assert rows[0]["template_id"] == rows[2]["template_id"]
    assert rows[0]["template"].count("<*>") == len(rows[0]["values"])


def test_a_template_filled_with_its_values_is_the_text():
    rows = pq.read_table(io.BytesIO(exported(shop_log(300), "parquet"))).to_pylist()
    for row in rows:
        text = row["template"]
        for value in row["values"]:
            text = text.replace("<*>", value, 1)
        assert text == row["text"]


def test_json_says_the_same_as_parquet():
    rows = [json.loads(line) for line in exported(LOG, "ndjson").splitlines()]
    table = pq.read_table(io.BytesIO(exported(LOG, "parquet"))).to_pylist()
    assert rows[0]["time"] == "2026-11-21T10:00:00.250000000Z"
    for row, other in zip(rows, table, strict=True):
        assert {**row, "time": 0} == {**other, "time": 0}


def test_the_command_writes_a_file(tmp_path):
    (tmp_path / "a.log").write_bytes(LOG)
    logzip_ = [sys.executable, "-m", "logzip"]
    subprocess.run([*logzip_, "-q", tmp_path / "a.log"], check=True)
    out = tmp_path / "a.parquet"
    command = [*logzip_, "export", "--format", "parquet", "-o", out, tmp_path / "a.log.lgz"]
    subprocess.run(command, check=True)
    assert pq.read_metadata(out).num_rows == 3
