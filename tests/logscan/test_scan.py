"""The scan: exact bytes, the token rule, joined lines, limits, and structures' identity."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logscan import HEADER_FORMATS, SlotKind, TimeOrigin, render, scan, scan_messages
from logscan._kernel import scan_block
from logscan.header import compile_pattern

NOON = 1_795_262_400_000_000_000  # 2026-11-21 12:00 UTC
NONE = HEADER_FORMATS["none"]
DELIMITERS = frozenset(range(33)) | {0x7F} | set(b"\"'()[]{}<>,;=|&?`")

LINES = st.sampled_from(
    [
        b"2024-01-02 03:04:05,123 INFO [main] org.apache.Foo: took 12 ms",
        b"081109 203615 148 INFO dfs.DataNode$X: block blk_-16089 of size 67108864",
        b"17/06/09 20:10:40 WARN Utils: retry 3",
        b"Jun  9 06:06:20 combo sshd[19939]: Failed password for root from 10.0.0.1 port 22",
        b"<34>Oct 11 22:14:15 mymachine su: 'su root' failed",
        b'1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET /a/b?c=1 HTTP/1.1" 200 12 "-" "Moz 5"',
        b'{"ts":"2024-01-02T03:04:05Z","level":"info","logger":"a.b","msg":"hello 1","id":"x"}',
        b'{"time":1704164645,"severity":"ERROR","message":"","n":[1,"two",{"three":"a b"}]}',
        b"\tat java.lang.Thread.run(Thread.java:748)",
        b"Caused by: java.io.IOException: broken pipe 1",
        b"Traceback (most recent call last):",
        b'  File "a.py", line 3, in <module>',
        b"ValueError: 3",
        b"",
        b"   ",
    ]
)
ENDS = st.sampled_from([b"\n", b"\r\n", b"", b"\n\n", b"\r"])
LOGS = st.lists(
    st.tuples(st.one_of(LINES, st.binary(max_size=60)), ENDS).map(b"".join), max_size=30
).map(b"".join)


@pytest.mark.parametrize("name", HEADER_FORMATS)
@given(data=LOGS)
def test_records_joined_are_the_data_and_scanning_is_deterministic(
    name: str, data: bytes
) -> None:
    batch = scan(data, header=HEADER_FORMATS[name], received_ns=NOON)
    records = [batch.record(row) for row in range(len(batch))]
    assert b"".join(records) == data
    assert render(batch) == data
    again = scan(data, header=HEADER_FORMATS[name], received_ns=NOON)
    assert np.array_equal(batch.structures.hash, again.structures.hash)
    assert np.array_equal(batch.structure, again.structure)
    assert len({structure.hash for structure in batch.structures}) == len(batch.structures)
    assert sum(batch.lines.tolist()) == data.count(b"\n") + (data[-1:] not in (b"", b"\n"))


@given(data=LOGS)
def test_messages_are_the_lines_without_their_ends(data: bytes) -> None:
    batch = scan_messages(data)
    lines = data.split(b"\n")[: len(batch)]
    assert len(batch) == data.count(b"\n") + (data[-1:] not in (b"", b"\n"))
    for row, line in enumerate(lines):
        structure = batch.structures[int(batch.structure[row])]
        low = int(batch.first_value[row])
        values = [
            batch.buffer[batch.value_start[low + slot] : batch.value_end[low + slot]]
            for slot in structure.message_slots()
        ]
        parts = list(structure.message_constants())
        text = parts[0] + b"".join(v + c for v, c in zip(values, parts[1:], strict=True))
        ended = row < data.count(b"\n")
        assert text == (line.removesuffix(b"\r") if ended else line)


def reference_slots(line: bytes) -> list[bytes]:
    """The token rule of the contract, said once more and slowly."""
    slots: list[bytes] = []
    token = b""
    for byte in [*line, 32]:
        char = bytes([byte])
        plain = all((chr(b).isalpha() and b < 128) or b in b"_.-$" for b in token)
        if byte not in DELIMITERS and not (byte == 0x3A and plain):
            token += char
            continue
        if any(48 <= b <= 57 for b in token):
            slots.append(token.lstrip(b"/").rstrip(b".:"))
        token = b""
    return slots


@given(
    line=st.text(alphabet="aZ09_.-$:/ =,()\"'#@%é\x7f\t", max_size=80).map(str.encode)
    | st.binary(max_size=80).map(lambda data: data.replace(b"\n", b" "))
)
def test_slots_follow_the_token_rule(line: bytes) -> None:
    batch = scan_messages(line)
    if len(batch):
        values = [
            batch.buffer[a:b] for a, b in zip(batch.value_start, batch.value_end, strict=True)
        ]
        assert values == reference_slots(line)


def texts(data: bytes, name: str = "none") -> list[bytes]:
    batch = scan(data, header=HEADER_FORMATS[name], received_ns=NOON)
    return [batch.structures[index].text() for index in batch.structure.tolist()]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b"at Foo.java:123", b"at Foo.java:<*>"),
        (b"to 10.0.0.1:80.", b"to <*>."),
        (b"dest: /10.250.10.6:50010", b"dest: /<*>"),
        (b"http://host1/a b", b"http://<*> b"),
        (b"user=root uid=0;", b"user=root uid=<*>;"),
        (b"eth0:2, up", b"<*>, up"),
        (b"a:b:c1", b"a:b:<*>"),
        ("größe 3µm".encode(), "größe <*>".encode()),
        (b"nothing here", b"nothing here"),
    ],
)
def test_token_rule_examples(line: bytes, text: bytes) -> None:
    assert texts(line) == [text]


def test_traces_join_the_record_before_them_without_a_header() -> None:
    data = (
        b"start\njava.io.IOException: x\n\tat a.B.c(B.java:1)\n\t... 5 more\nCaused by: y\n"
        b"Traceback (most recent call last):\n  File 3\nValueError: 3\nnext\n  indented\n"
    )
    batch = scan(data, header=NONE, received_ns=NOON)
    assert batch.lines.tolist() == [1, 7, 1, 1]


PANIC = (
    b"panic: runtime error: index out of range [5] with length 3\n\n"
    b"goroutine 1 [running]:\nmain.(*Shop).pay(0xc000010000, {0x1, 0x2})\n"
    b"\t/src/shop.go:8 +0x1d\nmain.main()\n\t/src/main.go:12 +0x20\n"
    b"created by main.start in goroutine 7\n\t/src/main.go:9 +0x11\nexit status 2\n"
)


def test_a_go_panic_is_one_record_without_a_header() -> None:
    data = (
        b"listening on 80\n" + PANIC + b"started again\nclosed(now) and gone\n\nmain.main()\n"
    )
    batch = scan(data, header=NONE, received_ns=NOON)
    assert batch.lines.tolist() == [1, 10, 1, 1, 1, 1]
    assert batch.record(1) == PANIC
    dump = b"goroutine 7 [select]:\nmain.main()\n\t/src/main.go:12 +0x20\n"
    assert scan(dump + dump, header=NONE, received_ns=NOON).lines.tolist() == [6]


def test_lines_without_header_join_the_record_before_them() -> None:
    data = b"081109 203615 148 INFO a.B: x\nrest\n\n081109 203616 148 WARN a.B: y\n"
    batch = scan(data, header=HEADER_FORMATS["log4j_compact"], received_ns=NOON)
    assert batch.lines.tolist() == [3, 1]
    assert batch.record(0).endswith(b"rest\n\n")


def test_a_line_whose_time_alone_matches_begins_a_record() -> None:
    data = b"17/06/09 20:10:40 INFO a.B: x\n17/06/09 20:10:41 odd\n"
    batch = scan(data, header=HEADER_FORMATS["log4j_short"], received_ns=NOON)
    assert batch.lines.tolist() == [1, 1]
    assert batch.structures[1].message_text() == b"odd"
    assert batch.time_ns[1] - batch.time_ns[0] == 10**9


def test_joined_records_end_at_512_lines_and_at_64_kib() -> None:
    head = b"081109 203615 148 INFO a.B: x\n"
    data = head + b"r\n" * 1300
    batch = scan(data, header=HEADER_FORMATS["log4j_compact"], received_ns=NOON)
    assert batch.lines.tolist() == [512, 512, 277]
    assert batch.time_origin.tolist() == [TimeOrigin.HEADER] + [TimeOrigin.PREVIOUS] * 2
    wide = scan(
        head + (b"y" * 30_000 + b"\n") * 3,
        header=HEADER_FORMATS["log4j_compact"],
        received_ns=NOON,
    )
    assert wide.lines.tolist() == [3, 1]


def test_a_structure_holds_256_slots_and_the_rest_is_text() -> None:
    data = b"x 1 " * 5000 + b"end\r\n"
    batch = scan(data, header=NONE, received_ns=NOON)
    kinds = batch.structures[0].kinds
    assert len(kinds) == 256
    assert kinds[-1] == SlotKind.TEXT
    assert kinds[0] == SlotKind.TOKEN
    assert batch.structures[0].constants[-1] == b"\r\n"
    assert batch.structures[0].message_end == (256, 0)
    assert batch.record(0) == data


@pytest.mark.parametrize(
    "data",
    [
        b"a" * 10_000_000,
        b" " * 10_000_000,
        b"ab " * 3_000_000 + b"\n",
        b"1 " + b"\0" * 200_000 + b" x 5",
        b"2024-01-02 03:04:05 ERROR " + b"word " * 20_000 + b"7\n",
    ],
    ids=["one token", "blanks", "words", "nul", "header"],
)
def test_constants_of_a_structure_stay_within_32_kib(data: bytes) -> None:
    batch = scan(data, header=HEADER_FORMATS["iso"], received_ns=NOON)
    structure = batch.structures[0]
    assert sum(map(len, structure.constants)) <= 32_768 + 2
    assert structure.kinds[-1] == SlotKind.TEXT
    assert batch.record(0) == data == render(batch)
    assert structure.message_end == (len(structure.kinds), 0)


@pytest.mark.parametrize("data", [b"", b"\n", b"\r\n", b"\n\n\n", b"\0", b"\xff\xfe\n", b"a"])
@pytest.mark.parametrize("name", ["none", "iso", "json"])
def test_odd_small_inputs_are_exact(data: bytes, name: str) -> None:
    batch = scan(data, header=HEADER_FORMATS[name], received_ns=NOON)
    assert render(batch) == data
    assert scan_messages(data).lines.tolist() == [1] * (
        data.count(b"\n") + (data[-1:] not in (b"", b"\n"))
    )


def test_line_ends_are_part_of_the_structure() -> None:
    batch = scan(b"a 1\na 2\r\na 3", header=NONE, received_ns=NOON)
    assert [s.constants[-1] for s in batch.structures] == [b"\n", b"\r\n", b""]
    assert [s.message_text() for s in batch.structures] == [b"a <*>"] * 3


def test_hashes_are_the_same_for_ever() -> None:
    # Identity across segments and in the catalog: a change here needs a new segment version.
    data = b"a 1\nconnection from 10.0.0.1 closed\n" + b"long " * 30 + b"4 x\n"
    assert scan_messages(data).structures.hash.tolist() == GOLDEN_HASHES
    head = b"2024-01-02 03:04:05,123 INFO [main] org.Foo: took 12 ms\n"
    batch = scan(head, header=HEADER_FORMATS["log4j_thread"], received_ns=NOON)
    assert batch.structures.hash.tolist() == GOLDEN_HEADER_HASH


GOLDEN_HASHES = [5648572815900191590, 4884681116574698110, 15678503670900071598]
GOLDEN_HEADER_HASH = [11000095413420644249]


def test_structures_whose_hashes_collide_stay_apart() -> None:
    data = b"".join(b"%s %d\n" % (word.encode(), i) for i, word in enumerate(WORDS * 3))
    program = compile_pattern("")
    table, columns = scan_block(data, program.ops, program.sets, 1, NOON, None, 0x3F)
    whole = scan(data, header=NONE, received_ns=NOON)
    assert len(set(table[0].tolist())) == len(WORDS) == len(whole.structures)
    assert np.array_equal(columns[0], whole.structure)


WORDS = ["".join(chr(97 + (i * j) % 26) for j in range(2, 9)) + chr(97 + i) for i in range(26)]


def test_a_million_structures_cost_no_more_than_linear_time_in_tables() -> None:
    data = b"".join(b"w%s x\n" % bytes(97 + int(c) for c in str(i)) for i in range(60_000))
    batch = scan(data, header=NONE, received_ns=NOON)
    assert len(batch.structures) == 60_000
    assert render(batch) == data


def test_blocks_scan_alike_in_threads() -> None:
    data = b"".join(
        b"081109 2036%02d 148 INFO a.B: x %d\n" % (i % 60, i) for i in range(20_000)
    )
    header = HEADER_FORMATS["log4j_compact"]
    with ThreadPoolExecutor(2) as pool:
        batches = list(
            pool.map(lambda _: scan(data, header=header, received_ns=NOON), range(4))
        )
    assert all(render(batch) == data for batch in batches)
    assert len({batch.time_ns.tobytes() for batch in batches}) == 1


def test_previous_time_is_taken_from_the_block_before() -> None:
    first = scan(b"x\n", header=NONE, received_ns=NOON)
    assert (first.time_ns[0], first.time_origin[0]) == (NOON, TimeOrigin.RECEIPT)
    later = scan(b"x\n", header=NONE, received_ns=NOON, previous_ns=7)
    assert (later.time_ns[0], later.time_origin[0]) == (7, TimeOrigin.PREVIOUS)
