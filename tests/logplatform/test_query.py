"""The query language: what parses, what it means, what an error points at."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logplatform.logs import query
from logplatform.logs.query import QueryError, parse
from logplatform.logs.query_tree import (
    FIELDS,
    And,
    Anything,
    LevelRange,
    Not,
    Or,
    Phrase,
    Regex,
    Term,
    all_of,
    any_of,
)
from logplatform.logs.units import Quantity, parse_quantity
from logplatform.logs.values import Between, Compare, Equals, Like, Matches, Within
from logscan.batch import Level


def quantity(text: str) -> Quantity:
    found = parse_quantity(text.encode())
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", Anything()),
        ("  \n ", Anything()),
        ("*", Anything()),
        ("error", Phrase(b"error")),
        ("a b", And((Phrase(b"a"), Phrase(b"b")))),
        ("a AND b", And((Phrase(b"a"), Phrase(b"b")))),
        ("a and b", And((Phrase(b"a"), Phrase(b"and"), Phrase(b"b")))),
        ("a OR b c", Or((Phrase(b"a"), And((Phrase(b"b"), Phrase(b"c")))))),
        ("(a OR b) c", And((Or((Phrase(b"a"), Phrase(b"b"))), Phrase(b"c")))),
        ("NOT a", Not(Phrase(b"a"))),
        ("-a", Not(Phrase(b"a"))),
        ("a-b --c", And((Phrase(b"a-b"), Phrase(b"--c")))),
        ('"a \\"b\\" \\\\ \\x41\\xff"', Phrase(b'a "b" \\ A\xff')),
        ('i:"Abc"', Phrase(b"Abc", ignore_case=True)),
        ('re:"a\\"\\d+"', Regex('a"\\d+')),
        ('user="bob"', Phrase(b'user="bob"')),
        ("http://host/x", Phrase(b"http://host/x")),
        ("java.io.IOException: x", And((Phrase(b"java.io.IOException:"), Phrase(b"x")))),
        ("level:Error", LevelRange(Level.ERROR, Level.ERROR)),
        ("level:>=warning", LevelRange(Level.WARN, Level.FATAL)),
        ("level:<info", LevelRange(Level.TRACE, Level.DEBUG)),
        ("level:info..error", LevelRange(Level.INFO, Level.ERROR)),
        ("level:none", LevelRange(Level.NONE, Level.NONE)),
        ("location:10.1.2.3/8", Term("location", Within("10.0.0.0/8"))),
        ("location:::1/128", Term("location", Within("::1/128"))),
        ("location:/var/log", Term("location", Equals(b"/var/log"))),
        ("duration:>2s", Term("duration", Compare(">", quantity("2s")))),
        ("status_code:>=500", Term("status_code", Compare(">=", quantity("500")))),
        ("status_code:5*", Term("status_code", Like(b"5*"))),
        ('status_code:"5*"', Term("status_code", Equals(b"5*"))),
        ("amount:1..20", Term("amount", Between(quantity("1"), quantity("20")))),
        ("duration:1..2s", Term("duration", Between(quantity("1s"), quantity("2s")))),
        ("amount:=1..20", Term("amount", Equals(b"1..20"))),
        ("amount:-5", Term("amount", Equals(b"-5"))),
        ("type:(a OR b)", Or((Term("type", Equals(b"a")), Term("type", Equals(b"b"))))),
        ("other:(a)", Term("other", Equals(b"a"))),
        ('other:re:"^a"', Term("other", Matches("^a"))),
        ("other:i:Ab", Term("other", Equals(b"Ab", ignore_case=True))),
        ("user:bob", Term("user", Equals(b"bob"), own=True)),
        ("field.level:bob", Term("level", Equals(b"bob"), own=True)),
        ('template:"a <*> b"', Term("template", Equals(b"a <*> b"))),
    ],
)
def test_a_query_has_this_tree(text, tree):
    assert parse(text) == tree
    assert parse(str(tree)) == tree


@pytest.mark.parametrize(
    ("text", "position", "length", "says"),
    [
        ('x "abc', 2, 4, "not closed"),
        ("a OR", 3, 1, "expected after"),
        ("OR b", 0, 2, "both sides"),
        ("a AND AND b", 6, 3, "both sides"),
        ("a (b", 2, 1, "not closed"),
        ('a (b "c)"', 2, 1, "not closed"),
        ("a) b", 1, 1, "no parenthesis is open"),
        ("a () b", 2, 2, "nothing is in these"),
        ("a level:eror", 8, 4, "did you mean error"),
        ("level:>fatal", 7, 5, "no level is above"),
        ("level:error..info", 6, 11, "error is above info"),
        ("duration:>2parsec", 10, 7, "units are ns"),
        ("duration:>2GB", 10, 3, "not a unit of time"),
        ("amount:5..1", 7, 4, "5 is above 1"),
        ("component:>3", 11, 1, "no order"),
        ("amount:>abc", 8, 3, "not a number"),
        ('x "a\\nb"', 2, 6, "line by line"),
        ("level:", 0, 6, "needs a value"),
        ("level: error", 0, 6, "needs a value"),
        ("field.:x", 0, 7, "name is expected"),
        ('re:"(a"', 3, 4, "bad regular"),
        ('other:re:"(a"', 9, 4, "bad regular"),
        ("status_code:(404 500)", 17, 3, "not expected"),
        ("é level:x", 8, 1, "not a level"),
    ],
)
def test_an_error_points_at_its_place(text, position, length, says):
    with pytest.raises(QueryError, match=says) as caught:
        parse(text)
    assert (caught.value.position, caught.value.length) == (position, length)


def test_the_caret_stands_under_the_place_in_its_line():
    text = "a\nb level:eror c"
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert caught.value.caret.splitlines() == ["b level:eror c", "        ^^^^"]


@pytest.mark.parametrize(
    "text", ["x" * 5000, "(" * 60 + "a" + ")" * 60, "NOT " * 60 + "a", "a " * 300]
)
def test_a_query_past_the_limits_is_refused(text):
    with pytest.raises(QueryError, match=r"more than|at most"):
        parse(text)


def test_a_misspelt_field_is_a_log_s_own_field_with_a_suggestion():
    assert parse("stauts_code:500") == Term("stauts_code", Equals(b"500"), own=True)
    assert query.suggestion("stauts_code") == "status_code"
    assert query.suggestion("user") is None


def test_the_document_names_each_field_and_its_examples_parse():
    text = (Path(__file__).parents[2] / "docs" / "query-language.md").read_text()
    assert [name for name in FIELDS if f"`{name}`" not in text] == []
    examples = text.split("```")[1].strip().splitlines()
    queries = [re.split(r" {3,}", line)[0] for line in examples]
    queries += re.findall(r"`([a-z_]+:[^`]*[^`.:])`", text)
    assert len(queries) > 30
    for query_text in queries:
        if not query_text.startswith(("level:>=eror", "name:")):
            parse(query_text)


NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.@$-]{0,10}", fullmatch=True)
NUMBERS = st.builds(
    lambda number, unit: quantity(f"{number}{unit}"),
    st.decimals(-1000, 10**9, places=3),
    st.sampled_from(["", "ms", "s", "min", "GB", "KiB", "%", "MB/s"]),
)
TESTS = st.one_of(
    st.builds(Equals, st.binary(max_size=8), st.booleans()),
    st.from_regex(r"[a-zA-Z0-9/.:]{0,5}\*[a-zA-Z0-9*/.:]{0,5}", fullmatch=True).map(
        lambda text: Like(text.encode())
    ),
    st.sampled_from([r"\d+", 'a"b', r"a\\", r"[^\"']*", "é|x", r"\\"]).map(
        lambda text: Matches(text.replace('\\"', '"'))
    ),
    st.builds(Compare, st.sampled_from([">", ">=", "<", "<="]), NUMBERS),
)
LINE_BYTES = st.binary(min_size=1, max_size=8).map(lambda data: data.replace(b"\n", b"x"))


def _line(text: str) -> bytes:
    return text.replace("\n", "x").encode()


LEAVES = st.one_of(
    st.builds(Phrase, LINE_BYTES, st.booleans()),
    st.builds(Phrase, st.text(min_size=1, max_size=8).map(_line), st.booleans()),
    st.builds(
        lambda low, high: LevelRange(Level(min(low, high)), Level(max(low, high))),
        st.integers(0, 6),
        st.integers(0, 6),
    ),
    st.builds(lambda name, test: Term(name, test, own=True), NAMES, TESTS),
    st.builds(Term, st.sampled_from(["other", "amount", "object_id"]), TESTS),
    st.just(Anything()),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=1, max_size=4).map(all_of),
        st.lists(inner, min_size=1, max_size=4).map(any_of),
    ),
    max_leaves=12,
)


@given(TREES)
def test_the_text_of_a_tree_parses_to_the_tree(tree):
    assert parse(str(tree)) == tree


@given(st.text(st.sampled_from('ab:"()\\*-<>=. OR NOT AND level: re: i: 5s\n'), max_size=40))
def test_any_text_parses_or_names_a_place_in_it(text):
    try:
        tree = parse(text)
    except QueryError as error:
        assert 0 <= error.position <= len(text)
        assert "^" in error.caret
    else:
        assert parse(str(tree)) == tree
