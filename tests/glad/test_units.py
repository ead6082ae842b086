import numpy as np
import pytest

from glad import BadUnitRule, UnitRule, choose_rule, group_units, join_events, labelled_units
from glad.events import take_events
from glad.fields import FieldReader, plain_value
from tests.glad.conftest import read_bytes, shop_log


def test_recurring_identifier_is_chosen(history):
    assert choose_rule(history.events).pattern == r"order_-?\d+"
    assert len(history) == 900


def test_log_without_identifiers_gets_overlapping_windows(shop_annotator):
    lines = b"".join(b"2026-03-01 10:00:00,000 INFO a.B: tick\n" for _ in range(250))
    events = read_bytes(lines, shop_annotator)
    rule = choose_rule(events)
    units = group_units(events, rule)
    assert not rule.pattern
    assert units.first.tolist() == [0, 100, 200, 300, 400]
    assert units.keys[1] == "records 50 to 149"


def test_units_stand_in_the_order_of_their_first_records(history):
    first = history.records[history.first[:-1]]
    assert (np.diff(first) > 0).all()


def test_units_keep_the_order_of_records(history):
    inside = history.unit[1:] == history.unit[:-1]
    assert (np.diff(history.records)[inside] > 0).all()


def test_rule_survives_json():
    rule = UnitRule(r"req-\d+", name="request")
    assert UnitRule.from_json(rule.to_json()) == rule


@pytest.mark.parametrize("told", [{"pattern": "("}, {"size": 5, "step": 9}])
def test_unusable_rule_is_refused(told):
    with pytest.raises(BadUnitRule):
        UnitRule(**told)


def test_rule_with_a_group_takes_the_group(history):
    units = group_units(history.events, UnitRule(r"order_(\d+)"))
    assert units.keys[0].isdigit()
    assert len(units) == 900


def test_batches_joined_are_the_whole(shop_annotator):
    first, second = shop_log(20), shop_log(20, seed=3)
    parts = [read_bytes(data, shop_annotator) for data in (first, second)]
    whole = read_bytes(first + second, shop_annotator)
    joined = join_events(parts)
    assert [joined.types[i] for i in joined.type] == [whole.types[i] for i in whole.type]
    texts = [[e.texts[i] for i in e.value_text] for e in (joined, whole)]
    assert texts[0] == texts[1]
    assert (joined.value_first == whole.value_first).all()


def test_taken_events_keep_their_values(history):
    events = history.events
    some = take_events(events, np.array([7, 3]))
    low, high = events.value_first[3], events.value_first[4]
    expected = [events.texts[i] for i in events.value_text[low:high]]
    got = some.value_text[some.value_first[1] : some.value_first[2]]
    assert [some.texts[i] for i in got] == expected


def test_labelled_units_follow_their_labels(history):
    unit = np.array([1, 0, -1, 1])
    units = labelled_units(take_events(history.events, np.arange(4)), ["a", "b"], unit)
    assert units.keys == ("b", "a")
    assert units.records.tolist() == [0, 3, 1]


@pytest.mark.parametrize(
    ("text", "category", "expected"),
    [
        ("/10.250.1.2:50010", "LOI", "10.250.1.2"),
        ("db-1.svc.local:5432", "LOI", "db-1.svc.local"),
        ("/user/root/part-00081", "LOI", "/user/root/part-#"),
        ("404", "STC", "404"),
        ("6f1d8c1e-0b1c-4c5e-9a55-0e2f8d7c9b10", "OID", ""),
        ("900", "OBA", "256 to 1.02e+03"),
    ],
)
def test_what_recurs_of_a_value_is_kept(text, category, expected):
    assert plain_value(text, category)[0] == expected


def test_durations_of_different_units_are_compared():
    seconds = plain_value("1.5s", "TDA")[1]
    millis = plain_value("1500ms", "TDA")[1]
    assert seconds == pytest.approx(millis)


def test_identifier_of_the_unit_is_no_field(history):
    reader = FieldReader().fit(history)
    fields = reader.read(history.events)
    assert not [label for label in fields.node_labels if label.startswith("order_")]
    assert "10.0.0.1" in fields.node_labels
