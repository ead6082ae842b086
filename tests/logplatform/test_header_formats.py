"""Header formats over the API: tried on a source's own lines, chosen, and changed."""

from __future__ import annotations

import pytest

from logplatform.logs import services
from logplatform.logs.query import parse
from logplatform.logs.search import count, search
from logplatform.logs.search_scope import Request
from tests.fakes import seal_now

OWN = "<time:%Y.%m.%d %H-%M-%S> [<session:digits>] <level> <message>"
LINES = b"".join(
    b"2026.11.21 10-00-%02d [%d] warn disk %d is full\n" % (i, i, i) for i in range(40)
)


def choose(browser, name, **body):
    return browser.change(f"/api/v1/sources/{name}", body)


def preview(browser, **body):
    answer = browser.post("/api/v1/header-preview", body, "application/json")
    return answer.status_code, answer.json()


@pytest.mark.parametrize("is_sealed", [False, True])
def test_a_format_is_previewed_on_the_sources_own_lines(source, signed_in, is_sealed):
    browser = signed_in()
    services.accept_batch(source, LINES)
    services.ensure_format(source, LINES)
    if is_sealed:
        seal_now(source)
    status, found = preview(browser, source=source.name)
    assert (status, found["format"], found["confidence"]) == (200, "none", 1.0)
    status, found = preview(browser, source=source.name, pattern=OWN)
    assert (status, found["format"], found["confidence"]) == (200, "custom", 1.0)
    assert (found["records"], found["with_time"], found["with_level"]) == (40, 40, 40)
    first = found["shown"][3]
    assert first["time"].startswith("2026-11-21T10:00:03")
    assert first["level"] == "warn"
    assert first["raw"][first["message_start"] : first["message_end"]] == "disk 3 is full"
    (session,) = first["fields"]
    assert session["name"] == "session"
    assert session["category"] == "object_id"
    assert first["raw"][session["start"] : session["end"]] == session["value"] == "3"


def test_given_lines_are_read_instead_and_clock_jumps_are_counted(source, signed_in):
    lines = "\n".join(f"2026-11-21T{hour:02}:00:00Z INFO é x{hour}" for hour in (9, 10, 8, 9))
    browser = signed_in()
    status, found = preview(browser, source=source.name, lines=lines)
    assert (status, found["format"], found["clock_jumps"]) == (200, "iso", 1)
    assert found["shown"][0]["raw"].endswith("é x9")
    assert preview(browser, source=source.name)[1]["records"] == 0


def test_a_chosen_format_is_what_later_lines_are_read_by(source, signed_in):
    browser = signed_in()
    services.accept_batch(source, LINES[:600])
    services.ensure_format(source, LINES)
    seal_now(source)
    answer = choose(browser, source.name, pattern=OWN)
    assert answer.status_code == 200
    assert (answer.json()["format"], answer.json()["pattern"]) == ("custom", OWN)
    source.refresh_from_db()
    services.accept_batch(source, LINES)
    request = Request((source,), parse("level:warn"))
    assert count(request)[0] == 40
    seal_now(source)
    assert count(request)[0] == 40
    assert search(request, limit=1).hits[0].time_origin == "header"
    assert choose(browser, source.name, format="iso").json()["format"] == "iso"
    assert choose(browser, source.name, format="auto").json()["format"] == ""


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"format": "nosuch"}, "no header format 'nosuch'"),
        ({"pattern": "<time:%Q>"}, "unknown directive %Q at 8"),
        ({"pattern": "{" * 300}, "nest deeper"),
        ({"pattern": "x" * 501}, "500"),
        ({"pattern": "\ud800"}, ""),
    ],
)
def test_a_format_that_cannot_be_read_is_refused_with_its_place(source, signed_in, body, words):
    browser = signed_in()
    answer = choose(browser, source.name, **body)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert preview(browser, source=source.name, **body)[0] == 400
    source.refresh_from_db()
    assert source.format_name == ""


def test_formats_are_listed_and_another_teams_source_is_not_seen(source, signed_in):
    viewer = signed_in(role="viewer")
    found = viewer.get("/api/v1/header-formats").json()["results"]
    assert found[0]["name"] == "json"
    assert found[-1] == {"name": "none", "pattern": ""}
    assert preview(viewer, source="nosuch")[0] == 404
    assert choose(viewer, source.name, format="iso").status_code == 403
