from itertools import product

import pytest

from logscan import scan_messages
from valb import Annotator, BadExample, Example
from valb.examples import match

LINES = [
    *(f"disk sd{c} is {n} percent full" for c, n in zip("abcdef", range(31, 37), strict=True)),
    *(f"moved {n} files to node {n + 4}" for n in range(11, 31)),
    "moved all files to tape",
]


@pytest.fixture(scope="module")
def model():
    annotator = Annotator()
    annotator.annotate(scan_messages(b"warm\n"))
    return annotator


def data(lines):
    return "".join(line + "\n" for line in lines).encode()


def by_line(annotator, lines):
    batch = scan_messages(data(lines))
    annotation = annotator.annotate(batch)
    return [annotation.templates[annotation.template[s]] for s in batch.structure]


def test_an_example_is_obeyed_by_a_new_annotator(model):
    text = "moved <OBA> files to node <OID>"
    annotator = Annotator(examples=[Example(text)], tagger=model._tagger)
    found = by_line(annotator, LINES)
    assert {t.typed_text for t in found[6:26]} == {text}
    assert found[26].typed_text != text


def test_a_correction_moves_all_structures_and_keeps_the_id(model):
    annotator = model.fresh()
    before = by_line(annotator, LINES)[0]
    ended = {t.id for t in by_line(annotator, LINES)[:6]}
    text = "disk <LOI> is <OBA> percent full"
    correction = annotator.correct(text, before.id)
    assert correction.template.typed_text == text
    assert {correction.template.id, *correction.merged} >= ended
    assert all(len(r.spans) == 2 for r in correction.revised.values())
    assert {t.typed_text for t in by_line(annotator, LINES)[:6]} == {text}
    assert {t.typed_text for t in by_line(annotator, ["disk sdq is 99 percent full"])} == {text}


def test_a_correction_splits_what_does_not_fit_it(model):
    annotator = model.fresh()
    lines = [
        f"state of gate {n} is now {w}" for n in range(20) for w in ("open", "shut", "odd")
    ]
    before = by_line(annotator, lines)[0]
    annotator.correct("state of gate <OID> is now <TID>", before.id)
    assert len(set(by_line(annotator, lines))) == 1
    annotator.correct("state of gate <OID> is now odd")
    found = by_line(annotator, lines)
    assert found[2].typed_text == "state of gate <OID> is now odd"
    assert found[0].typed_text == "state of gate <OID> is now <TID>"
    assert found[2].id != found[0].id


def test_the_former_text_done_over_undoes_a_correction(model):
    annotator = model.fresh()
    before = by_line(annotator, LINES)[10]
    corrected = annotator.correct("moved <OBA> files to <LOI>", before.id).template
    assert by_line(annotator, LINES)[26].id == corrected.id
    again = annotator.correct(before.typed_text, corrected.id).template
    annotator.forget_example(before.typed_text)
    annotator.forget_example("moved <OBA> files to <LOI>")
    assert by_line(annotator, LINES)[10].typed_text == again.typed_text == before.typed_text
    assert annotator.examples == ()


def test_a_value_that_varies_is_not_fixed(model):
    annotator = model.fresh()
    template = by_line(annotator, LINES)[10]
    with pytest.raises(BadExample, match="varies"):
        annotator.correct("moved 11 files to node <OID>", template.id)


def test_a_text_that_fits_no_line_of_the_template_is_refused(model):
    annotator = model.fresh()
    template = by_line(annotator, LINES)[10]
    with pytest.raises(BadExample, match="fits no line"):
        annotator.correct("copied <OBA> files", template.id)


def test_examples_outlive_a_restart(model):
    annotator = model.fresh()
    template = by_line(annotator, LINES)[10]
    annotator.correct("moved <OBA> files to node <LOI>", template.id)
    again = Annotator.from_dict(annotator.to_dict())
    again._tagger = model._tagger
    assert again.examples == annotator.examples
    assert again.templates == annotator.templates
    found = by_line(again, ["moved 17 files to node x9y"])[0]
    assert found.typed_text == "moved <OBA> files to node <LOI>"


def test_an_open_category_is_the_taggers(model):
    annotator = model.fresh()
    template = by_line(annotator, LINES)[10]
    corrected = annotator.correct("moved <*> files to node <LOI>", template.id).template
    assert corrected.categories[0] == template.categories[0]


def test_blanks_are_taken_where_a_sample_has_them():
    example = Example("failed: <OTP> at <LOI>", ("failed: no such file at /tmp",))
    assert example.fit("failed: out of space at /var") == [(8, 20), (24, 28)]
    assert Example("failed at once: <OTP>").fit("failed at once: out of space") is None


def test_an_example_of_few_words_takes_only_like_values():
    example = Example("<OBN>: <OID>", ("sshd: 17",))
    assert example.fit("cron: 4") is not None
    assert example.fit("error: closed") is None


@pytest.mark.parametrize("text", ["<OID>", "a <OID><LOI> b", ""])
def test_a_template_needs_constants_around_its_variables(text):
    with pytest.raises(BadExample):
        Example(text)


def test_places_are_those_of_the_message_with_its_blanks():
    message = "  used   4 of\t 9  "
    places = match(message, ("used ", " of ", "")) or []
    assert [message[a:b] for a, b in places] == ["4", "9"]


def test_of_many_examples_the_right_one_is_obeyed(model):
    words = ["".join(pair) for pair in product("abcdefghij", repeat=2)]
    examples = [Example(f"event {word} of kind <OID> at <LOI>") for word in words]
    annotator = Annotator(examples=examples, tagger=model._tagger)
    found = by_line(annotator, [f"event {w} of kind 3{w}7 at 10.0.0.7" for w in words])
    assert found[5].typed_text == "event af of kind <OID> at <LOI>"
    assert len({template.id for template in found}) == len(words)
