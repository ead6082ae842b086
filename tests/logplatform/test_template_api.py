"""Templates over REST: why, edits with undo, plots of variables with units, and who may."""

from __future__ import annotations

import pytest

from logplatform.logs.models import Template
from tests.fakes import seal_now
from tests.shop_log import LINES, accept

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed(source):
    accept(source, b"".join(LINES))
    seal_now(source)
    return source


def key_of(source, start):
    return Template.objects.get(source=source, text__startswith=start).key


def test_a_template_says_why_it_is_as_it_is(sealed, signed_in):
    editor = signed_in("editor")
    path = f"/api/v1/templates/shop/{key_of(sealed, 'request')}"
    story = editor.get(path).json()
    assert story["text"] == "request from <*> took <*> ms status <*>"
    assert (story["records"], story["structures_total"]) == (150, len(story["structures"]))
    assert [v["category"] for v in story["variables"]] == [
        "location",
        "duration",
        "status_code",
    ]
    assert {v["by"] for v in story["variables"]} == {"model"}
    assert sum(of["records"] for of in story["structures"]) == 150
    first = story["structures"][0]
    assert first["sample"]["template_id"] == story["id"]
    assert first["typed_text"] == "request from <LOI> took <TDA> ms status <STC>"


def test_an_edit_is_done_undone_and_done_again(sealed, signed_in):
    editor = signed_in("editor")
    path = f"/api/v1/templates/shop/{key_of(sealed, 'query')}"
    wanted = {"kind": "category", "variable": 0, "category": "object_name"}
    made = editor.post(f"{path}/edits", wanted)
    assert made.status_code == 201
    edit = made.json()
    assert (edit["before"], edit["after"], edit["by"]) == (
        "other",
        "object_name",
        "editor-team",
    )
    assert editor.get("/api/v1/search/count?q=object_name:user1").json()["count"] > 0
    variable = editor.get(path).json()["variables"][0]
    assert (variable["category"], variable["by"]) == ("object_name", "editor-team")
    undone = editor.post(f"/api/v1/template-edits/{edit['id']}/undo").json()
    assert undone["undone_by"] == "editor-team"
    assert editor.get("/api/v1/search/count?q=object_name:user1").json()["count"] == 0
    again = editor.post(f"/api/v1/template-edits/{edit['id']}/redo").json()
    assert again["undone_at"] is None
    assert editor.get("/api/v1/search/count?q=object_name:user1").json()["count"] > 0
    history = editor.get("/api/v1/template-edits?source=shop").json()
    assert [row["id"] for row in history["results"]] == [edit["id"]]


def test_names_and_pins_are_in_the_patterns(sealed, signed_in):
    editor = signed_in("editor")
    path = f"/api/v1/templates/shop/{key_of(sealed, 'flushed')}/edits"
    editor.post(path, {"kind": "rename", "name": "Flush"})
    editor.post(path, {"kind": "pin"})
    first = editor.get("/api/v1/patterns?source=shop").json()["results"][0]
    assert (first["name"], first["pinned"], first["count"]) == ("Flush", True, 150)


@pytest.mark.parametrize(
    ("start", "variable", "unit", "least", "most"),
    [
        ("request", 1, "s", 0.0, 0.596),
        ("query", 1, "B", 1000.0, 49000.0),
        ("flushed", 0, "s", 0.03, 5.99),
        ("payment", 1, "", 2.0, 598.0),
    ],
)
def test_a_plot_has_the_values_in_their_unit(
    sealed, signed_in, start, variable, unit, least, most
):
    path = f"/api/v1/templates/shop/{key_of(sealed, start)}/values?variable={variable}"
    plot = signed_in("viewer").get(path).json()
    assert (plot["unit"], plot["records"], plot["numbers"]) == (unit, 150, 150)
    assert plot["percentiles"][0] == pytest.approx(least)
    assert plot["percentiles"][-1] == pytest.approx(most)
    assert sum(bucket["records"] for bucket in plot["buckets"]) == 150
    assert sum(bar["records"] for bar in plot["bars"]) == 150


def test_a_plot_of_words_has_their_counts(sealed, signed_in):
    path = f"/api/v1/templates/shop/{key_of(sealed, 'payment')}/values?variable=0"
    plot = signed_in("viewer").get(path + "&end=2026-01-01T10:05:00Z").json()
    assert (plot["numbers"], plot["percentiles"], plot["bars"]) == (0, [], [])
    assert plot["records"] == plot["distinct"] * 25 == 75
    assert {of["value"]: of["records"] for of in plot["top"]} == {"u0": 25, "u1": 25, "u2": 25}


@pytest.mark.parametrize(
    ("query", "of"),
    [
        ("duration:>0.5s", lambda n: n > 500 if n % 4 == 0 else n % 4 == 3 and n > 50),
        ("duration:>=2s", lambda n: n % 4 == 3 and n * 10 >= 2000),
        ("resource:>1KB resource:<=9KB", lambda n: n % 4 == 1 and 1 < n % 50 <= 9),
        ("location:10.0.2.0/24", lambda n: n % 4 == 0 and n % 4 == 2),
        ("location:10.0.0.0/16", lambda n: n % 4 == 0),
        ("amount:100..200", lambda n: n % 4 == 2 and 100 <= n <= 200),
        ("status_code:>=300", lambda n: n % 4 == 0 and n % 3 > 0),
    ],
)
def test_values_with_units_are_found_exactly_and_histograms_agree(sealed, signed_in, query, of):
    viewer = signed_in("viewer")
    path = query.replace(">", "%3E").replace("<", "%3C").replace(" ", "+")
    wanted = sum(map(of, range(600)))
    assert viewer.get(f"/api/v1/search/count?q={path}").json()["count"] == wanted
    assert viewer.get(f"/api/v1/histogram?q={path}").json()["total"] == wanted
    assert viewer.get(f"/api/v1/patterns?q={path}").json()["total"] == wanted


def test_who_may_not_edit_cannot(sealed, signed_in, agent):
    path = f"/api/v1/templates/shop/{key_of(sealed, 'query')}"
    viewer = signed_in("viewer")
    assert viewer.get(path).status_code == 200
    assert viewer.post(f"{path}/edits", {"kind": "pin"}).status_code == 403
    assert agent("read").post(f"{path}/edits", {"kind": "pin"}).status_code == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("templates/shop/0000000000000000", 404),
        ("templates/none/0000000000000000", 404),
        ("templates/shop/0000000000000000/values?variable=0", 404),
        ("template-edits?source=none", 404),
    ],
)
def test_what_is_not_there_is_not_found(sealed, signed_in, path, status):
    assert signed_in("viewer").get(f"/api/v1/{path}").status_code == status


def test_what_cannot_be_done_is_said(sealed, signed_in):
    editor = signed_in("editor")
    path = f"/api/v1/templates/shop/{key_of(sealed, 'query')}/edits"
    answer = editor.post(path, {"kind": "category", "variable": 9, "category": "amount"})
    assert (answer.status_code, answer.json()["detail"]) == (
        400,
        "the template has no variable 10",
    )
    assert editor.post(path, {"kind": "paint"}).status_code == 400
    assert editor.post("/api/v1/template-edits/1/undo").status_code == 404
