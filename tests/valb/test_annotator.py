import json
import subprocess
import sys
from itertools import product

import numpy as np
import pytest

from logscan import HEADER_FORMATS, detect_format, scan, scan_messages, span_values
from valb import Annotator, BadState
from valb.columns import typed_columns
from valb.table import TemplateTable

LINES = [
    *(f"Received block blk_{i}{i}7 of size {i}024 from /10.0.0.{i}:5001" for i in range(1, 30)),
    *(f"Failed password for {u} from 10.1.1.{i} port {i + 5000} ssh2"
      for i, u in enumerate(["root", "admin", "alice", "oracle", "guest", "bob"])),
    "Server started", "", "Server started",
]  # fmt: skip


@pytest.fixture(scope="module")
def model():
    annotator = Annotator()
    annotator.annotate(scan_messages(b"warm\n"))
    return annotator


def data(lines):
    return "".join(line + "\n" for line in lines).encode()


def rendered(batch, annotation, row):
    """Put the values of a row's variables into its template."""
    index = int(batch.structure[row])
    text = annotation.templates[int(annotation.template[index])].text
    first, *rest = text.split("<*>")
    at = np.array([np.flatnonzero(batch.rows(index) == row)[0]])
    values = [
        bytes(span_values(batch, index, span)[int(at[0])]).decode()
        for span in annotation.spans[index]
    ]
    return first + "".join(value + part for value, part in zip(values, rest, strict=True))


def test_values_put_into_templates_give_the_messages_back(model):
    batch = scan_messages(data(LINES))
    annotation = model.fresh().annotate(batch)
    assert [rendered(batch, annotation, row) for row in range(len(batch))] == LINES


def test_spans_are_parallel_to_the_categories_of_the_template(model):
    batch = scan_messages(data(LINES))
    annotation = model.fresh().annotate(batch)
    for spans, number in zip(annotation.spans, annotation.template, strict=True):
        template = annotation.templates[number]
        assert len(spans) == len(template.categories) == template.text.count("<*>")
        assert template.typed_text.count("<") >= len(spans)


def test_a_user_name_without_digits_is_a_variable(model):
    annotation = model.fresh().annotate(scan_messages(data(LINES)))
    texts = {template.text for template in annotation.templates}
    assert "Failed password for <*> from <*> port <*> ssh2" in texts


def test_the_same_batches_give_the_same_annotation(model):
    batch = scan_messages(data(LINES))
    first, second = model.fresh().annotate(batch), model.fresh().annotate(batch)
    assert first.templates == second.templates
    assert first.spans == second.spans


def test_known_structures_keep_their_templates(model):
    annotator = model.fresh()
    batch = scan_messages(data(LINES))
    first, again = annotator.annotate(batch), annotator.annotate(batch)
    assert first.templates == again.templates
    assert not again.revised
    assert not again.merged


def test_state_survives_json(model):
    annotator = model.fresh()
    batch = scan_messages(data(LINES))
    first = annotator.annotate(batch)
    state = json.dumps(annotator.to_dict())
    other = Annotator.from_dict(json.loads(state))
    again = other.annotate(batch)
    assert again.templates == first.templates
    assert again.spans == first.spans
    assert json.dumps(other.to_dict()) == state


def test_state_of_another_version_is_refused():
    with pytest.raises(BadState, match="version 99"):
        Annotator.from_dict({"version": 99})


def test_damaged_state_is_refused():
    with pytest.raises(BadState):
        Annotator.from_dict({"version": 1, "templates": [], "structures": [["x"]]})


def test_a_slot_that_turns_out_to_vary_generalises_its_template(model):
    annotator = model.fresh()
    lines = [f"link eth1 up for {i} ms" for i in range(20)]
    before = annotator.annotate(scan_messages(data(lines)))
    batch = scan_messages(data(["link eth2 up for 5 ms", "link eth1 up for 7 ms"]))
    after = annotator.annotate(batch)
    assert len(after.templates) == 1
    assert after.templates[0].text.startswith("link <*>") or "eth<*>" in after.templates[0].text
    assert after.templates[0].id == before.templates[0].id
    assert rendered(batch, after, 0) == "link eth2 up for 5 ms"


def test_batch_by_batch_gives_the_templates_of_all_at_once(model):
    whole, parts = model.fresh(), model.fresh()
    whole.annotate(scan_messages(data(LINES)))
    for line in LINES:
        parts.annotate(scan_messages(data([line])))
    assert {t.text for t in parts.templates} >= {
        t.text for t in whole.templates if "password" not in t.text
    }


def test_an_empty_batch_has_no_templates(model):
    annotation = model.fresh().annotate(scan_messages(b""))
    assert annotation.templates == ()
    assert annotation.spans == ()


def test_any_bytes_are_annotated(model):
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, 20_000, dtype=np.uint8).tobytes()
    batch = scan_messages(noise)
    annotation = model.fresh().annotate(batch)
    assert len(annotation.spans) == len(batch.structures)


def test_structures_are_forgotten_beyond_the_limit(model, monkeypatch):
    monkeypatch.setattr("valb.annotator.MAX_STRUCTURES", 5)
    annotator = model.fresh()
    for i in range(20):
        annotator.annotate(
            scan_messages(f"{'abcdefghijklmnopqrst'[i] * 5} happened\n".encode())
        )
    assert len(annotator.to_dict()["structures"]) <= 5


def test_import_does_not_load_torch():
    code = "import sys, valb, valb.cli; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_new_table_is_empty():
    assert TemplateTable().templates() == ()


EMPTY = [
    *(f"login user={u} from={h}" for u in ("root", "", "bob7") for h in ("10.0.0.1", "")),
    "connection from 10.0.0.1 () at Sat Jul  9 12:00:00 2005",
    "connection from 10.0.0.2 (a.example.com) at Sat Jul  9 12:00:01 2005",
]


def test_a_variable_that_is_sometimes_empty_gives_one_template(model):
    annotator = model.fresh()
    batch = scan_messages(data(EMPTY))
    annotation = annotator.annotate(batch)
    assert [rendered(batch, annotation, row) for row in range(len(batch))] == EMPTY
    assert {template.text for template in annotator.templates} == {
        "login user=<*> from=<*>",
        "connection from <*> (<*>) at <*>",
    }


def test_two_blanks_are_a_value_that_is_missing(model):
    lines = [f"Invalid user {u} from 10.0.0.{i}" for i, u in enumerate(["bob", "al1", "", "x"])]
    batch = scan_messages(data(lines))
    annotation = model.fresh().annotate(batch)
    assert {template.text for template in annotation.templates} == {"Invalid user <*> from <*>"}
    assert [rendered(batch, annotation, row) for row in range(len(batch))] == lines


def alike(words):
    return data(f"quota of volume {w} raised to {i}00 MB by admin" for i, w in enumerate(words))


def test_structures_that_a_template_covers_are_not_tagged(model):
    annotator = model.fresh()
    words = ["".join(pair) for pair in product("abcdefghijklmnop", repeat=2)]
    annotator.annotate(scan_messages(alike(words[:20])))
    batch = scan_messages(alike(words))
    annotation = annotator.annotate(batch)
    untagged = [structure[-1] for structure in annotator.to_dict()["structures"]]
    assert sum(untagged) >= len(words) - 20
    assert len(annotation.templates) == 1
    assert data([rendered(batch, annotation, row) for row in range(len(batch))]) == alike(words)


def test_state_of_the_first_version_can_be_read(model):
    annotator = model.fresh()
    batch = scan_messages(data(LINES))
    first = annotator.annotate(batch)
    state = annotator.to_dict()
    state["version"] = 1
    for structure in state["structures"]:
        structure[1] = 12345  # it was summed up otherwise
        del structure[-1]
    again = Annotator.from_dict(json.loads(json.dumps(state))).annotate(batch)
    assert again.templates == first.templates
    assert again.spans == first.spans


def test_columns_have_the_values_of_every_span(model):
    batch = scan_messages(data([*LINES, *EMPTY]))
    annotation = model.fresh().annotate(batch)
    found = {
        row: [column[i] for column in typed.columns]
        for typed in typed_columns(batch, annotation)
        for i, row in enumerate(typed.rows.tolist())
    }
    assert len(found) == len(batch)
    for index, spans in enumerate(annotation.spans):
        columns = [list(span_values(batch, index, span)) for span in spans]
        for i, row in enumerate(batch.rows(index).tolist()):
            assert found[row] == [column[i] for column in columns]


def test_families_hold_under_headers_of_other_shapes(model):
    annotator = model.fresh()
    words = ["".join(pair) for pair in product("abcdefgh", repeat=2)]
    heads = ("2026-11-21 08:00:0{} INFO [main] ", "2026-11-21 08:00:0{} INFO [pool-7] ")
    lines = [
        f"{heads[i % 2].format(i % 10)}volume {w} of pool main raised to {i}00 MB"
        for i, w in enumerate(words)
    ]
    header = HEADER_FORMATS["none"]
    batch = scan(data(lines), header=header, received_ns=0)
    annotation = annotator.annotate(batch)
    for row, line in enumerate(lines):
        assert rendered(batch, annotation, row) == line
    header = detect_format(data(lines))
    batch = scan(data(lines), header=header, received_ns=0)
    annotation = annotator.fresh().annotate(batch)
    for row, line in enumerate(lines):
        assert line.endswith(rendered(batch, annotation, row))


def test_families_are_bounded(model, monkeypatch):
    monkeypatch.setattr("valb.families.MOST_FAMILIES", 1)
    monkeypatch.setattr("valb.annotator.MOST_LAYOUTS", 0)
    words = ["".join(pair) for pair in product("abcdefgh", repeat=2)]
    annotation = model.fresh().annotate(scan_messages(alike(words)))
    assert len(annotation.templates) == 1


def test_a_full_table_has_one_template_for_what_fits_no_other(model, monkeypatch):
    annotator = model.fresh()
    annotator.annotate(scan_messages(b"service started\n"))
    monkeypatch.setattr("valb.table.MAX_TEMPLATES", 1)
    lines = [b"%b has no room at all\n" % bytes([97 + i] * 5) for i in range(9)]
    for line in lines:
        batch = scan_messages(line)
        found = annotator.annotate(batch)
        assert [t.typed_text for t in found.templates] == ["<OTP>"]
        assert list(span_values(batch, 0, found.spans[0][0])) == [line[:-1]]
    assert len(annotator.templates) == 2
