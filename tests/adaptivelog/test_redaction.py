"""What is private leaves the text, and comes back into the answer."""

from __future__ import annotations

import time

import pytest

from adaptivelog import Redactor, TypedValue
from benchmarks.adaptivelog_secrets import SECRETS, measure_redaction


def test_planted_secrets_are_in_no_request():
    found = measure_redaction(10 * len(SECRETS), seed=7)
    assert found["missed"] == {}
    assert found["restored_exactly"] == 1


def test_same_value_has_the_same_placeholder():
    redactor = Redactor()
    first = redactor.redact("10.0.0.1 asked 10.0.0.2")
    second = redactor.redact("10.0.0.2 answered")
    assert (first, second) == ("<ADDRESS_1> asked <ADDRESS_2>", "<ADDRESS_2> answered")
    assert redactor.restore("blame <ADDRESS_2>") == "blame 10.0.0.2"


def test_typed_variables_are_replaced_exactly():
    text = "moved teapot to shelf in 3 ms"
    typed = [TypedValue(6, 12, "OBN"), TypedValue(16, 21, "LOI"), TypedValue(25, 29, "TDA")]
    assert Redactor().redact(text, typed=typed) == "moved <NAME_1> to <PLACE_1> in 3 ms"


def test_overlapping_finds_leave_nothing_over():
    text = "Authorization: Bearer abcdef0123456789abcdef"
    typed = [TypedValue(10, 30, "OID")]
    assert "0123456789" not in Redactor().redact(text, typed=typed)


def test_placeholder_in_the_log_itself_is_not_filled():
    redactor = Redactor()
    redacted = redactor.redact("<ADDRESS_1> said 10.0.0.1")
    assert redacted == "<ADDRESS-1> said <ADDRESS_1>"
    assert redactor.restore("<SECRET_9>") == "<SECRET_9>"


@pytest.mark.parametrize(
    "text",
    [
        "Failed password for <OBN> from <LOI> port <LOI> ssh2",
        "user=<*> was refused after 3 attempts",
        "block blk_42 of 64 MB in 12.5 s, version 3.11.7",
        "GET /index.html 200 5316",
    ],
)
def test_templates_and_plain_numbers_stay(text):
    assert Redactor().redact(text) == text


@pytest.mark.parametrize(
    "text", ["a-" * 20000, "1:" * 20000, "a." * 20000, "1 " * 20000, "x" * 40000]
)
def test_hostile_text_takes_linear_time(text):
    busy = time.process_time()
    Redactor().redact(text)
    assert time.process_time() - busy < 2


def test_long_text_is_cut_at_a_blank():
    redacted = Redactor().redact("word " * 3199 + "AKIA" + "A1B2C3D4E5F6G7H8 " * 9)
    assert redacted.endswith("word ...")
