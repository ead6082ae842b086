"""Search, patterns and records over REST: shapes, errors, access."""

from __future__ import annotations

import json

import pytest

from logplatform.accounts.models import Team
from logplatform.logs import services
from tests.fakes import seal_now
from tests.shop_log import LINES, accept

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed(source):
    accept(source, b"".join(LINES))
    seal_now(source)
    return source


def test_a_search_gives_pages_of_hits(sealed, signed_in):
    viewer = signed_in("viewer")
    first = viewer.get("/api/v1/search?q=level:error&limit=60").json()
    second = viewer.get(f"/api/v1/search?q=level:error&cursor={first['cursor']}").json()
    assert (len(first["hits"]), len(second["hits"]), second["cursor"]) == (60, 90, None)
    hit = first["hits"][0]
    assert hit["raw"].endswith("payment failed user=u1 n=598")
    assert hit["time"] == "2026-01-01T10:09:58.003Z"
    assert (hit["level"], hit["component"], hit["source"]) == ("error", "shop.web", "shop")
    assert [v["category"] for v in hit["variables"]] == ["object_id", "amount"]
    assert first["stats"]["partial"] is False
    assert first["stats"]["blocks_read"] == 1


def test_a_query_error_names_its_place(sealed, signed_in):
    viewer = signed_in("viewer")
    for path in ("search", "search/count", "search/stream", "histogram", "patterns"):
        answer = viewer.get(f"/api/v1/{path}?q=a+level:eror")
        assert answer.status_code == 400
        problem = answer.json()
        assert (problem["position"], problem["length"]) == (8, 4)
        assert problem["detail"] == "'eror' is not a level; did you mean error?"
        assert problem["caret"].splitlines() == ["a level:eror", "        ^^^^"]


@pytest.mark.parametrize(
    "path",
    [
        "search?start=yesterday",
        "search?limit=0",
        "search?limit=1001",
        "search?order=up",
        "search?cursor=%25%25",
        "search?budget_s=1e9",
        "facets",
        "facets?field=password",
        "patterns?sort=size",
        "histogram?buckets=1",
        "search?q=re:%22(%22",
    ],
)
def test_a_bad_parameter_is_a_bad_request(sealed, signed_in, path):
    answer = signed_in("viewer").get(f"/api/v1/{path}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_count_histogram_facets_and_patterns_agree(sealed, signed_in):
    viewer = signed_in("viewer")
    scope = "q=web&start=2026-01-01T10:01:30Z&end=2026-01-01T12:07:00%2B02:00"
    n = viewer.get(f"/api/v1/search/count?{scope}").json()["count"]
    histogram = viewer.get(f"/api/v1/histogram?{scope}&buckets=10").json()
    levels = viewer.get(f"/api/v1/facets?{scope}&field=level").json()
    patterns = viewer.get(f"/api/v1/patterns?{scope}&limit=1").json()
    rest = viewer.get(f"/api/v1/patterns?{scope}&cursor={patterns['cursor']}").json()
    lines = [line for line in LINES[90:420] if b"web" in line]
    assert n == len(lines) == histogram["total"] == patterns["total"] == rest["total"]
    assert n == sum(value["count"] for value in levels["values"])
    results = patterns["results"] + rest["results"]
    assert n == sum(pattern["count"] for pattern in results)
    assert sum(pattern["share"] for pattern in results) == pytest.approx(1)
    assert (patterns["templates"], rest["cursor"]) == (2, None)
    assert histogram["start"] == "2026-01-01T10:01:30Z"
    assert histogram["step_s"] == 60


def test_a_stream_sends_progress_and_then_the_page(sealed, signed_in):
    answer = signed_in("viewer").get("/api/v1/search/stream?q=web&limit=2")
    assert answer["Content-Type"] == "text/event-stream"
    events = b"".join(answer.streaming_content).decode().strip().split("\n\n")
    names = [event.splitlines()[0] for event in events]
    assert names == ["event: progress", "event: page"]
    page = json.loads(events[-1].splitlines()[1].removeprefix("data: "))
    assert len(page["hits"]) == 2


def test_a_record_has_its_context_its_template_and_its_bytes(sealed, signed_in):
    viewer = signed_in("viewer")
    hit = viewer.get("/api/v1/search?q=elapsed_ms:30").json()["hits"][0]
    record = viewer.get(f"/api/v1/records/{hit['id']}").json()
    assert record["template"]["typed_text"] == "flushed elapsed_ms=<TDA> café \ufffd"
    assert {name: record[name] for name in hit} == hit
    context = viewer.get(f"/api/v1/records/{hit['id']}/context?before=2&after=1").json()
    assert [len(context["before"]), context["record"], len(context["after"])] == [2, hit, 1]
    raw = viewer.get(f"/api/v1/records/{hit['id']}/raw")
    assert raw.content == LINES[3]
    assert raw["Content-Type"] == "application/octet-stream"
    assert raw["Content-Disposition"].startswith("attachment")
    assert viewer.get("/api/v1/records/s1.2.3456").status_code == 404


def test_another_team_sees_nothing_of_it(sealed, signed_in, agent):
    mine = signed_in("viewer").get("/api/v1/search").json()["hits"][0]["id"]
    stranger = signed_in("admin", of=Team.objects.create(name="strangers"))
    assert stranger.get("/api/v1/search").json()["hits"] == []
    assert stranger.get("/api/v1/search?source=shop").status_code == 404
    assert stranger.get("/api/v1/patterns").json()["total"] == 0
    for path in ("", "/context", "/raw"):
        assert stranger.get(f"/api/v1/records/{mine}{path}").status_code == 404
    assert agent("ingest").get("/api/v1/search").status_code == 403
    other = services.create_source(team=sealed.team, name="other")
    confined = agent("read", source=other)
    assert confined.get("/api/v1/search").json()["hits"] == []
    assert confined.get("/api/v1/search?source=shop").status_code == 404
    assert agent("read").get("/api/v1/search?limit=1").json()["hits"][0]["source"] == "shop"


@pytest.mark.parametrize(
    "path",
    ["search", "search/count", "search/stream", "histogram", "facets?field=level", "patterns",
     "records/s1.0.0", "records/s1.0.0/context", "records/s1.0.0/raw", "query/check",
     "query/fields"],
)  # fmt: skip
def test_nobody_searches_without_signing_in(sealed, client, path):
    assert client.get(f"/api/v1/{path}").status_code == 401


def test_a_query_is_checked_without_running(source, signed_in):
    viewer = signed_in("viewer")
    good = viewer.get("/api/v1/query/check?q=a+OR+stauts_code:5*").json()
    assert good == {
        "ok": True,
        "normalized": '"a" OR field.stauts_code:5*',
        "error": None,
        "notes": [
            {
                "message": "stauts_code is a field of the log's own; did you mean status_code?",
                "position": 5,
                "length": 11,
            }
        ],
    }
    bad = viewer.get("/api/v1/query/check?q=(a").json()
    assert (bad["ok"], bad["error"]["position"]) == (False, 0)


def test_the_query_bar_is_offered_the_language_s_fields_and_the_log_s(sealed, signed_in):
    fields = signed_in("viewer").get("/api/v1/query/fields?source=shop").json()["fields"]
    names = {field["name"]: field for field in fields}
    assert names["level"]["values"][-1] == "fatal"
    assert {"user", "n", "elapsed_ms"} == {name for name in names if names[name]["own"]}


def test_the_schema_describes_each_address(signed_in):
    schema = signed_in("viewer").get("/api/v1/schema").json()
    described = {path.removeprefix("/api/v1/") for path in schema["paths"]}
    assert {
        "search", "search/count", "search/stream", "histogram", "facets", "patterns",
        "records/{address}", "records/{address}/context", "records/{address}/raw",
        "query/check", "query/fields",
    } <= described  # fmt: skip
    names = {of["name"] for of in schema["paths"]["/api/v1/search"]["get"]["parameters"]}
    assert names == {"q", "source", "start", "end", "budget_s", "limit", "order", "cursor"}
