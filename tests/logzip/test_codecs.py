"""Every coding of a column gives back what went in, whatever that is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logscan import SlotColumn
from logzip._plan import ByteReader, ColumnPlan, FlagPlan, IntPlan
from logzip.codecs import Codec, decode_column, encode_column
from logzip.flags import decode_flags, encode_flags
from logzip.format import checksum
from logzip.ints import Transform, decode_ints, encode_ints
from logzip.runs import LEVELS, Run, StreamReader, StreamWriter, layout, pack_run

LOG_LIKE = st.one_of(
    st.from_regex(rb"\A[0-9]{1,22}\Z"),
    st.from_regex(rb"\A[0-9]{1,3}(\.[0-9]{1,3}){1,3}(:[0-9]{2,5})?\Z"),
    st.from_regex(rb"\A(blk_|-)?-?[0-9]{15,21}\Z"),
    st.from_regex(rb"\A[0-9a-f]{8}(-[0-9a-f]{4}){2}\Z"),
    st.sampled_from([b"", b"-", b"alice", b"/var/log/x.log", b"007", b"7.", b".5", b"1..2"]),
)
VALUES = st.one_of(
    st.lists(LOG_LIKE, max_size=80),
    st.lists(st.binary(max_size=12), max_size=80),
    st.lists(st.sampled_from([b"a\n", b"\0", bytes(range(11)), b"9" * 40]), max_size=40),
)
NUMBERS = st.one_of(
    st.lists(st.integers(0, (1 << 64) - 1), max_size=80),
    st.lists(st.integers(0, 300), max_size=80),
    st.lists(st.integers(0, 5), min_size=20, max_size=80).map(np.cumsum),
)


def column_of(values):
    end = np.cumsum([len(value) for value in values], dtype=np.int64)
    start = end - np.array([len(value) for value in values], dtype=np.int64)
    return SlotColumn(b"".join(values), start, end)


def packed(writer, level="default"):
    """Return plan and streams as a reader of the block would see them."""
    directory, runs = layout(writer.streams)
    body, entries = b"", []
    for kind, data in runs:
        method, stored = pack_run(data, kind, LEVELS[level])
        entries.append(Run(method, len(data), len(stored), checksum(stored), len(body)))
        body += stored
    reader = StreamReader(body, entries, directory, len(writer.streams))
    return ByteReader(bytes(writer.plan)), reader


def round_trip(values, level="default"):
    writer = StreamWriter()
    encode_column(column_of(values), writer)
    plan, streams = packed(writer, level)
    column = ColumnPlan(plan, 0)
    plan.done()
    assert column.next_stream == len(writer.streams)
    return Codec(column.codec), list(decode_column(column, len(values), streams))


@given(VALUES)
def test_any_column_comes_back(values):
    assert round_trip(values)[1] == values


@given(VALUES)
def test_any_column_comes_back_at_max(values):
    assert round_trip(values, "max")[1] == values


def rng():
    return np.random.default_rng(7)


MANY = 3000
CASES = {
    Codec.CONSTANT: [b"same"] * MANY,
    Codec.NUMBER: [b"%05d" % number for number in rng().integers(0, 99999, MANY)],
    Codec.TEXT: [bytes(part) for part in rng().integers(0, 256, (MANY, 9), dtype=np.uint8)],
    Codec.DICTIONARY: [b"user %c, " % c * (c - 90) for c in rng().integers(97, 123, MANY)],
    Codec.SHAPES: [b"10.0.%d.%d:80" % (a, b) for a, b in rng().integers(0, 255, (MANY, 2))],
    Codec.HEX: [b"%016x" % number for number in rng().integers(0, 1 << 62, MANY)],
}


@pytest.mark.parametrize("codec", CASES, ids=lambda codec: codec.name)
def test_each_codec_is_chosen_for_what_it_is_good_at(codec):
    chosen, values = round_trip(CASES[codec])
    assert (chosen, values) == (codec, CASES[codec])


def ints_back(numbers):
    writer = StreamWriter()
    encode_ints(numbers, writer)
    plan, streams = packed(writer)
    ints = IntPlan(plan, 0)
    assert ints.next_stream == len(writer.streams)
    return Transform(ints.transform), decode_ints(ints, len(numbers), streams).tolist()


@given(NUMBERS)
def test_any_numbers_come_back(numbers):
    assert ints_back(np.array(numbers, dtype=np.uint64))[1] == list(numbers)


def repeated(n):
    """Return numbers that come three times each, soon."""
    numbers = rng().integers(0, 1 << 40, n // 3).repeat(3)
    return numbers[np.argsort(np.arange(len(numbers)) + rng().integers(0, 6, len(numbers)))]


@pytest.mark.parametrize(
    ("transform", "numbers"),
    [
        (Transform.CONSTANT, np.full(MANY, 9)),
        (Transform.PLAIN, rng().integers(0, 200, MANY)),
        (Transform.DELTA, np.cumsum(rng().integers(0, 200, MANY)) + (1 << 50)),
        (Transform.DELTA2, np.cumsum(np.cumsum(rng().integers(0, 9, MANY))) * 1001),
        (Transform.DICTIONARY, rng().choice(rng().integers(0, 1 << 60, 50), MANY)),
        (Transform.RECENT, repeated(MANY)),
    ],
    ids=lambda case: case.name if isinstance(case, Transform) else "",
)
def test_each_transform_is_chosen_for_what_it_is_good_at(transform, numbers):
    chosen, back = ints_back(numbers.astype(np.uint64))
    assert (chosen, back) == (transform, numbers.tolist())


@given(st.lists(st.booleans(), max_size=70))
def test_any_flags_come_back(flags):
    writer = StreamWriter()
    encode_flags(np.array(flags, dtype=np.uint8), writer)
    plan, streams = packed(writer)
    assert decode_flags(FlagPlan(plan, 0), len(flags), streams).tolist() == flags


@given(VALUES, st.binary(min_size=1, max_size=30))
def test_a_wrong_plan_raises_value_error_or_gives_as_many_values(values, plan):
    writer = StreamWriter()
    encode_column(column_of(values), writer)
    writer.plan = bytearray(plan)
    reader, streams = packed(writer)
    try:
        found = decode_column(ColumnPlan(reader, 0), len(values), streams)
    except ValueError:
        return
    assert len(found) == len(values)


def test_a_run_that_claims_more_than_it_holds_is_refused():
    writer = StreamWriter()
    encode_column(column_of(CASES[Codec.TEXT]), writer)
    directory, [(kind, data)] = layout(writer.streams)
    method, stored = pack_run(data, kind, LEVELS["default"])
    run = Run(method, len(data) + 1, len(stored), checksum(stored), 0)
    with pytest.raises(ValueError, match="streams do not fill the runs"):
        StreamReader(stored, [run], directory, 1)
