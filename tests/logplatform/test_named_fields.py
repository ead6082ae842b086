"""Fields that a header format or a key names: stored with a structure, searched like any."""

from __future__ import annotations

import numpy as np
import pytest

from logplatform.logs import services
from logplatform.logs.jobs import queue_seal
from logplatform.logs.named_fields import groups_of, named_rows, read_rows
from logplatform.logs.query import parse
from logplatform.logs.seal import run_seal_job
from logplatform.logs.search import count
from logplatform.logs.search_scope import Request
from logplatform.logs.units import unit_of_name
from logscan import HEADER_FORMATS, HeaderFormat, Span, scan, span_values
from logzip.cluster import cluster
from valb import Annotator

MINE = HeaderFormat("mine", "<host> <pid>: <message>")
USERS = [b"alice", b"bob", b"carol", b"dave", b"eve", b"mallory", b"trent", b"victor"]


def logins(n: int = 400) -> bytes:
    rng = np.random.default_rng(5)
    names, pids = rng.integers(0, len(USERS), n), rng.integers(1000, 60000, n)
    return b"".join(
        b"combo %d: user %s logged in from port\n" % (pid, USERS[name])
        for name, pid in zip(names.tolist(), pids.tolist(), strict=True)
    )


def test_a_field_keeps_its_place_when_structures_become_one() -> None:
    batch = scan(logins(), header=MINE, received_ns=0)
    annotation = Annotator().annotate(batch)
    merged, new = cluster(batch)
    assert len(merged.structures) == 1 < len(batch.structures)
    members = np.flatnonzero(new == 0).tolist()
    rows = named_rows(batch, merged.structures[0], members, annotation, ())
    fields = {field.name: field for field in read_rows(rows)}
    assert fields["host"].category == "location"
    assert fields["pid"].category == "object_id"
    assert set(span_values(merged, 0, fields["host"].span)) == {b"combo"}
    pids = list(span_values(merged, 0, fields["pid"].span))
    assert pids == [record.split()[1][:-1] for record in logins().splitlines()]


def test_only_structures_of_one_template_and_one_list_of_fields_share_a_number() -> None:
    header = HeaderFormat("mine", "{[<first>] |<second>: }<message>")
    batch = scan(b"[a1] up\nb1: up\n[a2] up\n[a1] 5\n", header=header, received_ns=0)
    annotation = Annotator().annotate(batch)
    first, second, third = groups_of(annotation, {})[batch.structure[[0, 1, 3]]].tolist()
    assert len({first, second, third}) == 3
    assert annotation.template[batch.structure[0]] == annotation.template[batch.structure[1]]


def test_a_field_that_is_a_variable_of_the_template_is_not_counted_twice() -> None:
    data = b'10.0.0.1 - - [21/Nov/2026:11:24:51 +0000] "GET /a HTTP/1.1" 200 5\n'
    batch = scan(data, header=HEADER_FORMATS["combined"], received_ns=0)
    annotation = Annotator().annotate(batch)
    rows = named_rows(batch, batch.structures[0], [0], annotation, annotation.spans[0])
    codes = {str(name): code for name, code, *_ in rows}
    assert codes["client"] == "LOI"
    assert codes["status"] == codes["path"] == ""


@pytest.mark.django_db
def test_keys_of_json_lines_are_searched_by_category_unit_and_path(home, team) -> None:
    lines = b"".join(
        b'{"time":"2026-11-21T10:00:%02dZ","level":"info","msg":"served","http":{"status":%d},'
        b'"duration_ms":%d,"ip":"10.0.%d.1","body_bytes":%d}\n'
        % (i % 60, 200 + 100 * (i % 4), i * 10, i % 3, i * 1000)
        for i in range(120)
    )
    source = services.create_source(team=team, name="json")
    services.accept_batch(source=source, data=lines)
    assert run_seal_job(queue_seal(source))
    expected = {
        "status_code:>=500": 30,
        "http.status:>=500": 30,
        "status:500": 30,
        "duration:>1s": 19,
        "duration_ms:>1s": 19,
        "location:10.0.1.0/24": 40,
        "ip:10.0.1.0/24": 40,
        "resource:>=100KB": 20,
        "-ip:10.0.1.0/24": 80,
        "nosuch:5": 0,
    }
    found = {q: count(Request((source,), parse(q)))[0] for q in expected}
    assert found == expected


def test_a_name_tells_its_unit() -> None:
    symbols = {"dur_ms": "ms", "bytes": "B", "body_bytes_sent": "B", "uptime_s": "s"}
    for name, symbol in symbols.items():
        unit = unit_of_name(name)
        assert unit is not None
        assert unit.symbol == symbol
    assert unit_of_name("status") is None


def test_rows_are_read_as_they_were_written() -> None:
    (field,) = read_rows([["pid", "OID", 1, 0, 1, 2]])
    assert (field.name, field.category, field.span) == ("pid", "object_id", Span(1, 0, 1, 2))
