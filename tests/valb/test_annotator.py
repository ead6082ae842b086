import json
import subprocess
import sys

import numpy as np
import pytest

from logscan import scan_messages, span_values
from valb import Annotator, BadState
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
