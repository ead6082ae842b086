"""Error cases: found again, pruned, kept."""

from __future__ import annotations

import pytest

from adaptivelog import BadState, Case, CaseBase, Row

DISK = Case(Row("disk <*> is full"), "error", "info", "writes fail", 1)
LOGIN = Case(Row("login of <OBN> failed"), "warning", "error", "", 2)


def test_nearest_cases_come_first_and_unlike_ones_not_at_all():
    base = CaseBase([LOGIN, DISK])
    assert base.nearest(Row("disk <*> nearly full")) == (DISK,)
    assert base.nearest(Row("zzzz")) == ()
    assert CaseBase().nearest(DISK.row) == ()


def test_row_is_not_its_own_case():
    assert DISK not in CaseBase([LOGIN, DISK]).nearest(DISK.row)


def test_later_case_about_a_row_replaces_the_earlier():
    base = CaseBase([DISK])
    base.add(Case(DISK.row, "critical"))
    assert [case.label for case in base.cases] == ["critical"]
    base.remove(DISK.row)
    assert base.cases == ()


def test_prune_keeps_the_copy_with_a_reason_and_other_labels():
    copy = Case(Row("Disk <*>  is full"), "error", added_ns=9)
    other = Case(Row("DISK <*> is full"), "info", added_ns=9)
    base = CaseBase([copy, other, DISK])
    assert base.prune() == 1
    assert set(base.cases) == {DISK, other}


def test_prune_drops_the_oldest_over_the_limit():
    base = CaseBase([DISK, LOGIN], limit=1)
    assert base.prune() == 1
    assert base.cases == (LOGIN,)


def test_saved_cases_come_back(tmp_path):
    CaseBase([DISK, LOGIN]).save(tmp_path / "cases.ndjson")
    assert CaseBase.load(tmp_path / "cases.ndjson").cases == (DISK, LOGIN)


@pytest.mark.parametrize("line", ["x", "{}", '{"row": {"text": "a"}, "label": "b", "zzz": 1}'])
def test_broken_cases_name_file_and_line(line, tmp_path):
    path = tmp_path / "cases.ndjson"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(BadState, match=r"cases\.ndjson: line 1"):
        CaseBase.load(path)
