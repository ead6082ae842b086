"""Where the named fields of headers and keyed lines lie in a structure."""

from __future__ import annotations

from logscan import HEADER_FORMATS, HeaderFormat, find_fields, header_shapes, scan, span_values


def fields(data: bytes, header: HeaderFormat, index: int = 0) -> dict[str, list[bytes]]:
    batch = scan(data, header=header, received_ns=0)
    return {
        field.name: list(span_values(batch, index, field.span))
        for field in find_fields(batch, index)
    }


def test_fields_of_a_header_are_found_in_slots_and_in_constant_bytes() -> None:
    data = b"Nov 21 10:00:00 combo sshd[77]: x\nNov 21 10:00:01 combo sshd[8]: x\n"
    assert fields(data, HEADER_FORMATS["syslog"]) == {
        "host": [b"combo", b"combo"],
        "pid": [b"77", b"8"],
    }


def test_only_the_alternative_that_matched_has_its_names() -> None:
    header = HeaderFormat("mine", "{[<first>] <second>: |<third> }<message>")
    assert fields(b"[a] b c: d\n", header) == {"third": [b"[a]"]}
    assert fields(b"[a1] b2: d\n", header) == {"first": [b"a1"], "second": [b"b2"]}
    assert fields(b"(a1) b2: d\n", header) == {"third": [b"(a1)"]}


def test_a_field_that_ends_inside_a_slot_has_no_name() -> None:
    assert fields(b"INFO:a1:b2: d\n", HEADER_FORMATS["python_basic"]) == {}
    header = HeaderFormat("mine", "<one>:<two>:<message>")
    assert fields(b"a1:b2: d\n", header) == {}


def test_members_of_json_objects_have_their_path() -> None:
    data = b'{"a":{"b":1,"c":[2,{"d":3}],"e":""},"f":"x y","g1":5,"h":true,"level":"info"}\r\n'
    found = fields(data, HEADER_FORMATS["json"])
    assert found == {"a.b": [b"1"], "a.e": [b""], "d": [b"3"], "f": [b"x y"], "g1": [b"5"],
                     "h": [b"true"]}  # fmt: skip


def test_a_field_whose_place_differs_between_records_has_no_name() -> None:
    data = b'{"a1":1,"b2":2}\n{"c3":1,"a1":2}\n'
    assert fields(data, HEADER_FORMATS["json"]) == {}


def test_pairs_of_logfmt_lines_are_found() -> None:
    data = b'level=info msg="a b" took=5ms who="c d" err= flag\n'
    found = fields(data, HEADER_FORMATS["logfmt"])
    assert found == {"took": [b"5ms"], "who": [b"c d"], "err": [b""]}


def test_a_batch_that_knows_no_header_has_no_fields() -> None:
    assert fields(b"x 1\n", HEADER_FORMATS["none"]) == {}


def test_fields_on_one_token_are_told_apart_where_the_format_says_so() -> None:
    data = b"2026/11/21 10:00:01 [error] 5#6: *7 open() failed\n"
    found = fields(data, HEADER_FORMATS["nginx_error"])
    assert found == {"pid": [b"5"], "tid": [b"6"], "connection": [b"7"]}
    squid = b"1795262401.250 9 10.0.0.9 TCP_MISS/200 507 GET http://x/ - DIRECT/10.1.1.1 a/b\n"
    found = fields(squid, HEADER_FORMATS["squid"])
    assert found["status"] == [b"200"]
    assert found["elapsed_ms"] == [b"9"]
    assert found["url"] == [b"http://x/"]


def test_structures_of_one_header_have_one_shape_whatever_their_messages() -> None:
    data = (
        b"Nov 21 10:00:00 combo sshd[77]: x\nNov 21 10:00:01 combo sshd[8]: yy 5\n"
        b"Nov 21 10:00:01 combo cron[8]: x\n"
    )
    batch = scan(data, header=HEADER_FORMATS["syslog"], received_ns=0)
    one, other, cron = header_shapes(batch, range(3))
    assert one == other != cron
    assert find_fields(batch, 0) == find_fields(batch, 1)


def test_a_format_that_names_fields_in_the_message_has_no_shapes() -> None:
    data = b'1.2.3.4 - - [21/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5\n'
    batch = scan(data, header=HEADER_FORMATS["combined"], received_ns=0)
    assert header_shapes(batch, [0]) == [None]
