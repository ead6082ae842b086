import io

import pytest

from logscan import scan_messages
from valb import Annotator, BadLabels
from valb.cli import main
from valb.labelling import Label, Labelling, read_labels

LINES = [
    *(f"disk sd{c} is {n} percent full" for c, n in zip("abcdef", range(31, 37), strict=True)),
    *(f"moved {n} files to node {n + 4}" for n in range(11, 31)),
    "moved all files to tape",
]
MOVED = "moved <OBA> files to node <LOI>"


@pytest.fixture(scope="module")
def model():
    annotator = Annotator()
    annotator.annotate(scan_messages(b"warm\n"))
    return annotator


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "a.log"
    path.write_text("\n".join(LINES) + "\n")
    return path


def labelling(model):
    batch = scan_messages("".join(line + "\n" for line in LINES).encode())
    return Labelling(model.fresh(), lambda: [batch])


def test_a_listing_is_read_back_once_its_lines_are_uncommented(model, tmp_path):
    out = io.StringIO()
    made = labelling(model)
    made.list_to(out)
    path = tmp_path / "labels"
    path.write_text(out.getvalue())
    assert read_labels(path) == []
    lines = out.getvalue().splitlines(keepends=True)
    path.write_text("".join(x[1:] if x[1:2] not in " #" else x for x in lines if len(x) > 1))
    assert read_labels(path) == [Label(t.typed_text, t.id) for t in made.templates()]


def test_labels_without_an_id_are_texts(tmp_path):
    path = tmp_path / "labels"
    path.write_text(f"# a note\n\n{MOVED}\n\t{MOVED}\n")
    assert read_labels(path) == [Label(MOVED), Label(MOVED)]


def test_a_person_is_asked_for_the_most_frequent_first_and_told_what_is_wrong(model):
    made, out = labelling(model), io.StringIO()
    made.ask(["no such text\n", f"{MOVED}\n", "s\n", "q\n"], out)
    assert [label.typed_text for label in made.labels] == [MOVED]
    said = out.getvalue()
    assert said.index("20 records") < said.index("fits no line")
    assert "moved 11 files to node 15" in said


def test_the_command_saves_a_model_that_obeys_and_labels_to_use_again(log, tmp_path, capsys):
    labels, saved, out = (tmp_path / name for name in ("labels", "saved", "model"))
    labels.write_text(f"{MOVED}\n")
    label = ["label", str(log), "--messages", "--labels", str(labels)]
    assert main([*label, "--save-labels", str(saved), "-o", str(out)]) == 0
    assert saved.read_text() == f"\t{MOVED}\n"
    for given in (["--model", str(out)], ["--labels", str(saved)]):
        assert main(["templates", str(log), "--messages", *given]) == 0
        assert MOVED in capsys.readouterr().out


def test_a_saved_model_learns_from_its_labels_unless_it_is_told_not_to(log, tmp_path):
    labels, out = tmp_path / "labels", tmp_path / "model"
    labels.write_text(f"{MOVED}\n")
    label = ["label", str(log), "--messages", "--labels", str(labels), "-o", str(out)]
    assert main(label) == 0
    assert Annotator(out).to_dict()["learns"]
    assert not Annotator(out, learns=False).to_dict()["learns"]
    assert not Annotator().to_dict()["learns"]
    weights = (out / "weights.safetensors").read_bytes()
    assert main([*label, "--fine-tune"]) == 0
    assert (out / "weights.safetensors").read_bytes() != weights


def test_nothing_labelled_is_said(model, tmp_path):
    with pytest.raises(BadLabels, match="no template was labelled"):
        labelling(model).learn(tmp_path)


def test_standard_input_is_refused_as_it_is_read_twice(capsys):
    assert main(["label", "-"]) == 3
    assert "twice" in capsys.readouterr().err
