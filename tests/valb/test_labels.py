import pytest

from valb.errors import BadLabels
from valb.labels import align, read_logs


def write(folder, categories):
    folder.mkdir()
    (folder / "structured.csv").write_text(
        "LineId,Content,EventId,EventTemplate\n1,port 22,E1,port <*>\n"
    )
    (folder / "categories.csv").write_text("EventId,Slot,Category\n" + categories)


def test_variables_are_found_where_blanks_were_joined():
    assert align("user  root from 1.2.3.4", "user <*> from <*>") == [(6, 10), (16, 23)]


def test_a_template_that_does_not_fit_is_none():
    assert align("user root", "group <*>") is None


def test_labelled_logs_are_read_in_order_of_their_names(tmp_path):
    for name in ("b", "a"):
        write(tmp_path / name, "E1,1,LOI\n")
    logs = read_logs(tmp_path)
    assert [log.name for log in logs] == ["a", "b"]
    assert logs[0].categories == {"port <*>": ("LOI",)}


def test_a_slot_without_category_names_the_file(tmp_path):
    write(tmp_path / "a", "")
    with pytest.raises(BadLabels, match=r"categories\.csv.*E1"):
        read_logs(tmp_path)


def test_an_unknown_category_names_the_row(tmp_path):
    write(tmp_path / "a", "E1,1,XXX\n")
    with pytest.raises(BadLabels, match=r"categories\.csv:2"):
        read_logs(tmp_path)
