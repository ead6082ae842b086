import csv
import io
import json

import pyarrow.parquet as pq
import pytest

from valb.cli import main

LINES = [
    "Accepted connection from 10.0.0.1 port 22",
    "",
    "  padded 7  ",
    'say "hé" 5',
    "last 3",
]


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "a.log"
    path.write_text("\n".join(LINES))
    return path


def test_one_row_per_line_in_order_with_byte_places(log, tmp_path):
    out = tmp_path / "out.csv"
    assert main(["parse", str(log), "--messages", "-o", str(out)]) == 0
    rows = list(csv.DictReader(io.StringIO(out.read_text())))
    assert [int(row["line"]) for row in rows] == [1, 2, 3, 4, 5]
    for line, row in zip(LINES, rows, strict=True):
        assert list(row) == ["line", "template_id", "template", "typed_template", "variables"]
        assert len(row["template_id"]) == 16
        for variable in json.loads(row["variables"]):
            raw = line.encode()[variable["start"] : variable["end"]]
            assert raw.decode() == variable["value"]
            assert f"<{variable['category']}>" in row["typed_template"]
    assert rows[0]["template"] == "Accepted connection from <*> port <*>"
    assert rows[1]["template"] == ""


def test_formats_hold_the_same_rows(log, tmp_path):
    for form in ("ndjson", "parquet"):
        assert main(
            ["parse", str(log), "--messages", "--format", form, "-o", str(tmp_path / form)]
        ) == 0  # fmt: skip
    lines = [json.loads(line) for line in (tmp_path / "ndjson").read_text().splitlines()]
    columns = pq.read_table(tmp_path / "parquet").to_pylist()
    assert [{name: line[name] for name in columns[0]} for line in lines] == columns


def test_headers_are_left_out_of_templates(tmp_path, capsysbinary):
    path = tmp_path / "b.log"
    path.write_text(
        "".join(f"2024-05-0{i} 10:00:0{i},123 INFO Worker: job {i} done\n" for i in range(1, 9))
    )
    assert main(["parse", str(path), "--format", "ndjson"]) == 0
    rows = [json.loads(line) for line in capsysbinary.readouterr().out.splitlines()]
    assert {row["template"] for row in rows} == {"job <*> done"}
    assert [row["line"] for row in rows] == list(range(1, 9))


def test_templates_are_counted(log, capsys):
    assert main(["templates", str(log), "--messages"]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert sum(int(count) for count, _, _ in rows) == len(LINES)


def test_a_missing_file_is_bad_input(capsys):
    assert main(["parse", "/no/such.log"]) == 3
    error = capsys.readouterr().err
    assert "/no/such.log" in error
    assert error.count("\n") == 1


def test_a_missing_model_is_bad_input(log, capsys):
    assert main(["parse", str(log), "--messages", "--model", "/no/model"]) == 3
    assert "/no/model/config.json" in capsys.readouterr().err


def test_an_empty_file_gives_a_header_alone(tmp_path, capsysbinary):
    path = tmp_path / "empty"
    path.touch()
    assert main(["parse", str(path), "--messages"]) == 0
    assert capsysbinary.readouterr().out.count(b"\n") == 1


def test_ndjson_has_the_record_in_the_words_of_opentelemetry(tmp_path, capsysbinary):
    path = tmp_path / "access.log"
    line = '10.0.0.%d - bob [21/Nov/2026:10:00:00 +0000] "GET /a/%d HTTP/1.1" 404 5\n'
    path.write_text("".join(line % (i, i) for i in range(1, 9)))
    assert main(["parse", str(path), "--format", "ndjson"]) == 0
    row = json.loads(capsysbinary.readouterr().out.splitlines()[2])
    assert row["time_unix_nano"] == 1_795_255_200 * 10**9
    assert row["body"] == '"GET /a/3 HTTP/1.1" 404 5'
    attributes = row["attributes"]
    assert attributes["client.address"] == "10.0.0.3"
    assert attributes["http.request.method"] == "GET"
    assert attributes["http.response.status_code"] == 404
    assert attributes["url.path"] == "/a/3"
    assert attributes["user.name"] == "bob"
    assert attributes["log.record.template"] == row["template"]


def test_ndjson_names_severity_and_scope(tmp_path, capsysbinary):
    path = tmp_path / "b.log"
    path.write_text(
        "".join(f"2024-05-0{i} 10:00:0{i},123 WARN Worker: job {i} late\n" for i in range(1, 9))
    )
    assert main(["parse", str(path), "--format", "ndjson"]) == 0
    row = json.loads(capsysbinary.readouterr().out.splitlines()[0])
    assert (row["severity_number"], row["severity_text"]) == (13, "WARN")
    assert row["scope"] == {"name": "Worker"}
    assert row["body"] == "job 1 late"
