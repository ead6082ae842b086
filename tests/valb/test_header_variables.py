"""Fields that a header format or a key names: their borders and categories are told by it."""

from __future__ import annotations

import json

import pytest

from logscan import HEADER_FORMATS, HeaderFormat, detect_format, scan, span_values
from valb import Annotator
from valb.category import Category
from valb.field_names import category_of, category_of_looks
from valb.header_variables import NamedVariables

ACCESS = (
    b'10.1.2.%d - - [21/Nov/2026:11:24:51 +0000] "GET /a/%d HTTP/1.1" %d %d "-" "curl/8.%d" '
    b"0.00%d %d .\n"
)


def annotated(data: bytes, header: HeaderFormat | None = None):
    batch = scan(data, header=header or detect_format(data), received_ns=0)
    annotator = Annotator()
    return batch, annotator.annotate(batch), annotator


def access(n: int = 40) -> bytes:
    return b"".join(ACCESS % (i, i, 200 + 300 * (i % 2), i * 7, i, i % 9, i) for i in range(n))


def test_an_access_log_has_its_status_and_bytes_as_variables_of_their_own() -> None:
    batch, found, _ = annotated(access())
    (template,) = found.templates
    assert template.typed_text.startswith('"GET <LOI> <OTP>" <STC> <CRS> "<LOI>" "<OTP>"')
    status = found.spans[0][template.categories.index(Category.STC)]
    assert list(span_values(batch, 0, status))[:2] == [b"200", b"500"]


def test_header_fields_outside_the_message_are_named_but_not_in_the_template() -> None:
    batch, found, _ = annotated(access())
    named = {variable.name: variable for variable in found.named[0]}
    assert named["client"].category is Category.LOI
    assert next(iter(span_values(batch, 0, named["client"].span))) == b"10.1.2.0"
    assert named["method"].category is Category.TID
    assert named["ident"].category is None  # always "-"
    assert "10.1.2" not in found.templates[0].text


def test_a_list_beside_named_variables_never_joins_them() -> None:
    lines = b"".join(line + b" 1 2 3"[: 2 * (i % 4)] + b"\n" for i, line in
                     enumerate(access().splitlines()))  # fmt: skip
    _, found, _ = annotated(lines, HEADER_FORMATS["combined"])
    assert all('" <STC> <CRS> "' in template.typed_text for template in found.templates)


def test_keys_of_json_lines_give_the_categories_of_their_values() -> None:
    line = {
        "time": "2026-11-21T10:00:00Z", "level": "info", "msg": "served 3 items",
        "http": {"status_code": 503, "path": "/x y"}, "duration_ms": 12.5,
        "client_ip": "10.0.0.1",
        "is_cached": True, "userId": 7, "foo": "1a2b",
    }  # fmt: skip
    batch, found, _ = annotated((json.dumps(line) + "\n").encode() * 5)
    assert found.templates[0].text == "served <*> items"
    assert {v.name: v.category for v in found.named[0]} == {
        "http.status_code": Category.STC, "http.path": Category.LOI,
        "duration_ms": Category.TDA, "client_ip": Category.LOI, "is_cached": Category.SID,
        "userId": Category.OID, "foo": Category.OTP,
    }  # fmt: skip
    status = next(v for v in found.named[0] if v.name == "http.status_code")
    assert set(span_values(batch, 0, status.span)) == {b"503"}


def test_keys_of_logfmt_lines_do_too() -> None:
    line = b'ts=2026-11-21T10:00:00Z level=warn msg="slow reply" status=500 dur_s=3 peer=::1\n'
    _, found, _ = annotated(line * 5)
    assert found.templates[0].text == "slow reply"
    assert {v.name: v.category for v in found.named[0]} == {
        "status": Category.STC, "dur_s": Category.TDA, "peer": Category.LOI,
    }  # fmt: skip


def test_a_message_without_names_is_the_taggers_alone() -> None:
    data = (
        b"Nov 21 10:00:00 web-3 sshd[77]: Failed password for bob from 10.0.0.1 port 4022\n" * 3
    )
    _, found, _ = annotated(data)
    named = {v.name: v.category for v in found.named[0]}
    assert named == {"host": Category.LOI, "pid": Category.OID}
    assert found.templates[0].text.startswith("Failed password for")


def test_the_state_keeps_names_and_an_older_state_finds_them_again() -> None:
    batch, found, annotator = annotated(access())
    state = json.loads(json.dumps(annotator.to_dict()))
    assert Annotator.from_dict(state).annotate(batch).named == found.named
    del state["named"]
    assert Annotator.from_dict(state).annotate(batch).named == found.named


@pytest.mark.parametrize(
    ("name", "values", "category"),
    [
        ("status", [b"200"], Category.STC),
        ("status", [b"ok", b"failed"], Category.TID),
        ("upstream_status", [b"502"], Category.STC),
        ("thread", [b"main"], Category.OBN),
        ("thread", [b"140213"], Category.OID),
        ("user_id", [b"5"], Category.OID),
        ("remote_addr", [b"10.0.0.1"], Category.LOI),
        ("request_time", [b"0.5"], Category.TDA),
        ("num_rows", [b"5"], Category.OBA),
        ("bytesSent", [b"5"], Category.CRS),
        ("frobnication", [b"5"], None),
    ],
)
def test_a_name_tells_the_category(name: str, values: list[bytes], category: Category) -> None:
    assert category_of(name, values) is category


@pytest.mark.parametrize(
    ("value", "category"),
    [
        (b"10.0.0.1:80", Category.LOI),
        (b"/usr/bin", Category.LOI),
        (b"123e4567-e89b-12d3-a456-426614174000", Category.OID),
        (b"true", Category.SID),
        (b"250ms", Category.TDA),
        (b"v1.2", Category.OTP),
    ],
)
def test_looks_tell_what_no_name_does(value: bytes, category: Category) -> None:
    assert category_of_looks([value, b"-"]) is category


def test_fields_shared_by_header_are_those_found_for_each_structure() -> None:
    header = HeaderFormat("mine", "<time:%s> {<state> }<user>|<message>")
    data = b"".join(
        b"1700000000 %b bob|%b\n" % (state, message)
        for state in (b"up", b"s7", b"s8")
        for message in (b"x", b"much longer", b"node7 is up", b"8 9")
    )
    batch = scan(data, header=header, received_ns=0)
    indices = range(len(batch.structures))
    shared, alone = NamedVariables(), NamedVariables()
    shared.note(indices, batch, indices)
    for index in indices:
        assert shared.of(index, batch, index) == alone.of(index, batch, index)
        user = next(n for n in shared.of(index, batch, index) if n.name == "user")
        assert set(span_values(batch, index, user.span)) == {b"bob"}
        alone = NamedVariables()
