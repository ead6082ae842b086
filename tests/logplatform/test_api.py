"""The REST API: what comes in bad gets a clear answer, and nobody sees another team's lines."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import uuid

import pytest
import zstandard
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from logplatform.accounts import services as accounts
from logplatform.logs import jobs, seal, services
from logplatform.logs.models import Batch, Job, Source

LINES = b"".join(b"2024-05-01 12:00:00 INFO app: line %d\n" % n for n in range(1000))
BIG_LINE = b"x" * 10_000_000
BINARY = bytes(range(256)) * 100

# What is uploaded, and what is stored of it.
GOOD = {
    "plain": (LINES, LINES),
    "gzip": (gzip.compress(LINES), LINES),
    "two gzip members": (gzip.compress(LINES) * 2, LINES * 2),
    "zstd": (zstandard.compress(LINES), LINES),
    "bz2": (bz2.compress(LINES), LINES),
    "xz": (lzma.compress(LINES), LINES),
    "binary": (BINARY, BINARY),
    "one line of 10 MB": (BIG_LINE, BIG_LINE),
    "no final newline": (b"a\nb", b"a\nb"),
    "CRLF": (b"a\r\nb\r\n", b"a\r\nb\r\n"),
    "NULs": (b"a\0b\n\0\n", b"a\0b\n\0\n"),
    "invalid UTF-8": (b"\xff\xfe\xc3\n", b"\xff\xfe\xc3\n"),
    "newlines alone": (b"\n\n\n", b"\n\n\n"),
}
# What is refused, and how.
BAD = {
    "empty": (b"", 400, "empty"),
    "truncated gzip": (gzip.compress(LINES)[:-9], 400, "ends early"),
    "gzip with a damaged middle": (
        gzip.compress(BINARY)[:40] + b"\0" * 40 + gzip.compress(BINARY)[80:],
        400,
        "damaged",
    ),
    "truncated zstd": (zstandard.compress(LINES)[:-9], 400, "ends early"),
    "gzip of nothing": (gzip.compress(b""), 400, "empty"),
    "gzip bomb": (gzip.compress(bytes(200 << 20)), 413, "unpacks to"),
}


def upload(browser, data, name="shop"):
    return browser.post(
        f"/api/v1/sources/{name}/uploads?filename=x.log", data, "application/octet-stream"
    )


@pytest.mark.parametrize("case", GOOD)
def test_uploaded_file_comes_back_byte_for_byte(source, signed_in, exported, case):
    sent, kept = GOOD[case]
    answer = upload(signed_in(), sent)
    assert answer.status_code == 201, answer.content
    assert answer.json()["bytes"] == len(kept)
    assert exported(source) == kept
    assert seal.run_seal_job(jobs.queue_seal(source))
    assert exported(source) == kept


@pytest.mark.parametrize("case", BAD)
def test_bad_upload_is_refused_and_leaves_nothing(settings, source, signed_in, home, case):
    settings.CONFIG = settings.CONFIG.model_copy(update={"upload_bytes": 100 << 20})
    sent, status, words = BAD[case]
    answer = upload(signed_in(), sent)
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert words in answer.json()["detail"]
    assert not Batch.objects.exists()
    assert not list(home.wal.iterdir())


@pytest.mark.parametrize("case", ["empty", "truncated gzip", "gzip bomb"])
def test_bad_body_of_an_agent_is_refused(source, agent, case):
    sent, status, words = BAD[case]
    headers = {"Content-Encoding": "gzip"} if sent else {}
    answer = agent("ingest").post(
        "/api/v1/ingest/shop", sent, content_type="text/plain", headers=headers
    )
    assert answer.status_code == status, answer.content
    assert words in answer.json()["detail"]
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Encoding": "br"}, 415),
        ({"Content-Encoding": "gzip"}, 415),
        ({"Content-Encoding": "zstd"}, 415),
        ({"Authorization": "Bearer lp_wrong"}, 401),
        ({"Authorization": "Basic eDp5"}, 401),
    ],
)
def test_wrong_header_is_refused(source, agent, headers, status):
    answer = agent("ingest").post(
        "/api/v1/ingest/shop", b"plain\n", content_type="text/plain", headers=headers
    )
    assert answer.status_code == status
    assert not Batch.objects.exists()


def test_full_disk_answers_507_with_retry_after(settings, source, agent, signed_in):
    settings.CONFIG = settings.CONFIG.model_copy(update={"disk_reserve_bytes": 1 << 60})
    posted = agent("ingest").post("/api/v1/ingest/shop", b"x\n", content_type="text/plain")
    browser = signed_in()
    for answer in (posted, upload(browser, b"x\n")):
        assert answer.status_code == 507
        assert int(answer["Retry-After"]) > 0
    assert browser.get("/api/v1/sources").status_code == 200


def test_longer_body_than_allowed_is_refused(settings, source, agent):
    settings.CONFIG = settings.CONFIG.model_copy(update={"ingest_wire_bytes": 10})
    answer = agent("ingest").post("/api/v1/ingest/shop", b"x" * 11, content_type="text/plain")
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "application/json", "text/plain", ""]
)
def test_body_of_an_agent_is_never_parsed(source, agent, exported, content_type):
    body = b"a=1&b=2\n{broken\n"
    answer = agent("ingest").post("/api/v1/ingest/shop", body, content_type=content_type)
    assert answer.json() == {
        "batch": str(Batch.objects.get().pk),
        "accepted_lines": 2,
        "bytes": len(body),
        "duplicate": False,
    }
    assert exported(source) == body


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_encoded_body_is_stored_decoded(source, agent, exported, encoding):
    packed = gzip.compress(LINES) if encoding == "gzip" else zstandard.compress(LINES)
    answer = agent("ingest").post(
        "/api/v1/ingest/shop",
        packed,
        content_type="application/x-ndjson",
        headers={"Content-Encoding": encoding},
    )
    assert answer.json()["accepted_lines"] == 1000
    assert exported(source) == LINES


def test_same_upload_twice_is_answered_as_a_duplicate(source, signed_in, exported):
    browser = signed_in()
    first, again = upload(browser, LINES), upload(browser, gzip.compress(LINES))
    assert not first.json()["duplicate"]
    assert again.json()["duplicate"]
    assert again.json()["batches"] == first.json()["batches"]
    assert exported(source) == LINES


def test_idempotency_key_with_another_body_is_a_conflict(source, agent):
    client = agent("ingest")
    for body, status in ((b"a\n", 200), (b"a\n", 200), (b"b\n", 409)):
        answer = client.post(
            "/api/v1/ingest/shop",
            body,
            content_type="text/plain",
            headers={"Idempotency-Key": "1"},
        )
        assert answer.status_code == status


def test_scopes_of_tokens_hold(source, agent):
    ingest, read = agent("ingest"), agent("read")
    assert ingest.get("/api/v1/sources").status_code == 403
    assert ingest.get("/api/v1/search?q=x").status_code == 403
    assert read.get("/api/v1/sources").status_code == 200
    posted = read.post("/api/v1/ingest/shop", b"x", content_type="text/plain")
    assert posted.status_code == 403
    assert read.delete("/api/v1/sources/shop").status_code == 403


def test_token_of_one_source_sees_no_other(team, source, agent):
    services.create_source(team=team, name="other")
    client = agent("ingest", "read", source=source)
    assert [row["name"] for row in client.get("/api/v1/sources").json()["results"]] == ["shop"]
    posted = client.post("/api/v1/ingest/other", b"x", content_type="text/plain")
    assert posted.status_code == 404


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("viewer", set()),
        ("editor", {"create", "upload"}),
        ("admin", {"create", "upload", "delete", "token"}),
    ],
)
def test_roles_hold(source, signed_in, role, allowed):
    browser = signed_in(role)
    answers = {
        "create": browser.post("/api/v1/sources", {"name": "new"}),
        "upload": upload(browser, b"x\n"),
        "token": browser.post("/api/v1/tokens", {"name": "t", "scopes": ["read"]}),
        "delete": browser.delete("/api/v1/sources/shop"),
    }
    assert browser.get("/api/v1/sources").status_code == 200
    assert {name for name, answer in answers.items() if answer.status_code < 300} == allowed
    assert all(a.status_code == 403 for name, a in answers.items() if name not in allowed)


def test_session_changes_need_the_csrf_token(source, signed_in):
    browser = signed_in()
    browser.csrf = "wrong"
    assert browser.post("/api/v1/sources", {"name": "new"}).status_code == 403
    assert upload(browser, b"x\n").status_code == 403
    assert not Batch.objects.exists()


def test_session_begins_and_ends(signed_in, home):
    browser = signed_in("viewer")
    found = browser.get("/api/v1/session").json()
    assert found["user"] == {"username": "viewer-team", "role": "viewer"}
    assert found["team"] == "team"
    assert browser.delete("/api/v1/session").status_code == 204
    assert browser.get("/api/v1/session").status_code == 401
    assert browser.get("/api/v1/sources").status_code == 401


def test_wrong_password_is_refused(signed_in):
    signed_in("viewer")
    answer = Client().post(
        "/api/v1/session",
        {"username": "viewer-team", "password": "no"},
        content_type="application/json",
    )
    assert answer.status_code == 401
    assert "wrong" in answer.json()["detail"]


def test_token_is_shown_once_and_ends_when_deleted(source, signed_in):
    browser = signed_in()
    made = browser.post(
        "/api/v1/tokens", {"name": "t", "scopes": ["read"], "source": "shop"}
    ).json()
    client = Client(headers={"Authorization": f"Bearer {made['secret']}"})
    assert client.get("/api/v1/sources").status_code == 200
    (listed,) = browser.get("/api/v1/tokens").json()["results"]
    assert "secret" not in listed
    assert listed["source"] == "shop"
    assert listed["last_used"] is not None
    assert browser.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
    assert client.get("/api/v1/sources").status_code == 401


def test_batch_tells_how_far_it_is(source, agent, signed_in):
    client = agent("ingest")
    batch = client.post("/api/v1/ingest/shop", b"x\n", content_type="text/plain").json()[
        "batch"
    ]
    path = f"/api/v1/batches/{batch}"
    assert client.get(path).json()["state"] == "accepted"
    job = jobs.queue_seal(source)
    lease = jobs.lease_job(job)
    assert lease is not None
    assert client.get(path).json()["state"] == "sealing"
    lease.give_up("later", is_transient=True)
    Job.objects.update(not_before=jobs._now())
    seal.run_seal_job(job)
    assert signed_in().get(path).json() == {
        "id": batch,
        "state": "sealed",
        "lines": 1,
        "bytes": 2,
        "error": "",
    }


def test_sources_take_the_same_number_of_queries_however_many(
    team, source, signed_in, django_assert_num_queries
):
    browser = signed_in()
    for number in range(5):
        services.create_source(team=team, name=f"s{number}")
    browser.get("/api/v1/sources")
    with django_assert_num_queries(8):
        assert len(browser.get("/api/v1/sources").json()["results"]) == 6


def test_deleted_source_is_gone_with_its_lines(source, signed_in, home):
    browser = signed_in()
    upload(browser, LINES)
    seal.run_seal_job(jobs.queue_seal(source))
    assert browser.delete("/api/v1/sources/shop").status_code == 204
    assert browser.get("/api/v1/sources/shop").status_code == 404
    assert not Source.objects.exists()


def test_every_answer_carries_the_security_headers(client, source):
    for path in ("/api/v1/sources", "/healthz", "/nothing", "/api/v1/nothing"):
        answer = client.get(path)
        assert "script-src 'self';" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "DENY"


def test_health_is_answered_without_signing_in(client, home, db):
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").json() == {"ready": True, "missing": []}


def test_readiness_names_what_is_missing(client, home, db, settings):
    settings.CONFIG = settings.CONFIG.model_copy(update={"disk_reserve_bytes": 1 << 60})
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "bytes are free" in answer.json()["missing"][0]


def test_samples_are_loaded_once(signed_in, exported):
    browser = signed_in()
    sample = browser.get("/api/v1/samples").json()["results"][0]
    first = browser.post(f"/api/v1/samples/{sample['name']}")
    again = browser.post(f"/api/v1/samples/{sample['name']}")
    assert first.status_code == 201, first.content
    assert first.json()["lines"] == sample["lines"]
    assert not first.json()["duplicate"]
    assert again.json()["duplicate"]
    assert len(exported(Source.objects.get(name=sample["name"]))) == sample["bytes"]
    assert browser.post("/api/v1/samples/none").status_code == 404


def test_schema_describes_every_endpoint(client, db):
    described = set(client.get("/api/v1/schema").json()["paths"])
    assert {"/api/v1/sources", "/api/v1/ingest/{name}", "/api/v1/session"} <= described
    assert len(described) >= len(list(endpoints())) - 1  # the document itself is not in it


def endpoints(patterns=None, prefix=""):
    for pattern in patterns or get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            yield from endpoints(pattern.url_patterns, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern) and prefix.startswith("api/"):
            yield prefix + str(pattern.pattern)


def fill(path, source, batch, job, token):
    for name, value in {
        "<str:name>": source.name,
        "<uuid:batch_id>": str(batch),
        "<int:job_id>": str(job),
        "<int:token_id>": str(token),
    }.items():
        path = path.replace(name, value)
    return "/" + path


def test_other_team_sees_nothing_anywhere(home, team, signed_in, agent):
    """Ask every endpoint of the API, as another team, for what is in this one."""
    source = services.create_source(team=team, name="hidden")
    secret = b"2024-05-01 12:00:00 INFO app: very-secret-word\n"
    batch = services.accept_batch(source, secret).batches[0].pk
    job = jobs.queue_seal(source)
    seal.run_seal_job(job)
    token = accounts.create_token(team=source.team, name="t", scopes=["read"]).token.pk
    other = accounts.ensure_team("other")
    clients = [signed_in("admin", of=other).client, agent("read", "ingest", of=other)]
    for path in endpoints():
        url = fill(path, source, batch, job, token)
        if "schema" in url or "<" in url:
            continue
        for client in clients:
            answer = client.get(url, {"q": "secret", "source": source.name})
            body = b"".join(answer) if answer.streaming else answer.content
            assert b"very-secret-word" not in body, url
            assert source.name.encode() not in body.replace(b"no source named hidden", b""), url
            assert answer.status_code < 500, url
    for url in (f"/api/v1/batches/{batch}", "/api/v1/sources/hidden"):
        assert clients[1].get(url).status_code == 404
    assert clients[1].get(f"/api/v1/batches/{uuid.uuid4()}").status_code == 404
    posted = clients[1].post("/api/v1/ingest/hidden", b"x", content_type="text/plain")
    assert posted.status_code == 404


def test_chunked_body_is_read_from_the_server(source, agent, exported):
    answer = agent("ingest").generic(
        "POST",
        "/api/v1/ingest/shop",
        b"",
        headers={"Transfer-Encoding": "chunked"},
        **{"wsgi.input": io.BytesIO(LINES), "CONTENT_LENGTH": ""},
    )
    assert answer.json()["accepted_lines"] == 1000
    assert exported(source) == LINES


def test_damage_on_disk_is_named_and_is_no_500(source, agent, home):
    batch = services.accept_batch(source, LINES).batches[0]
    path = home.wal / batch.file
    path.write_bytes(b"X" + path.read_bytes()[1:])
    answer = agent("read").get("/api/v1/search?q=line")
    assert answer.status_code == 503
    assert batch.file in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/assets/none.js", "/api/v1/none", "/api/none"])
def test_missing_file_or_endpoint_is_not_the_dashboard(client, db, path):
    assert client.get(path).status_code == 404
