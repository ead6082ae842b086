"""Segments behind an HTTP server that answers ranges."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

import logzip
from logzip.ranges import open_url
from tests.logzip.shop_lines import shop_log

LOG = shop_log(3000)


@pytest.fixture
def packed(tmp_path, monkeypatch):
    monkeypatch.setattr("logzip.files.BLOCK_LINES", 500)
    with logzip.open(tmp_path / "shop.lgz", "wb") as file:
        file.write(LOG)
    return (tmp_path / "shop.lgz").read_bytes()


class Store(HTTPServer):
    """Answers for one object; ``asked`` are the ranges that were read."""

    def __init__(self, data):
        super().__init__(("127.0.0.1", 0), Answer)
        self.data, self.asked, self.tag, self.has_ranges = data, [], "1", True


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        store = self.server
        assert isinstance(store, Store)
        low, _, high = self.headers["Range"].removeprefix("bytes=").partition("-")
        part = store.data[int(low) : int(high) + 1]
        store.asked.append(len(part))
        self.send_response(206 if store.has_ranges else 200)
        self.send_header("ETag", store.tag)
        self.send_header("Content-Range", f"bytes {low}-{high}/{len(store.data)}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)

    def log_message(self, *_):
        """Keep the test's output clean."""


@pytest.fixture
def store(packed):
    server = Store(packed)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def address(store):
    return f"http://127.0.0.1:{store.server_port}/shop.lgz?signature=secret"


def test_lines_are_found_without_reading_all(store):
    with open_url(address(store)) as file:
        size = file.seek(0, 2)
        assert size == len(store.data)
        lines = list(logzip.search(file, "nosuchword"))
        assert lines == []
        assert sum(store.asked) <= 1 + size
        with logzip.open(file) as log:
            assert log.read() == LOG


def test_a_server_without_ranges_is_refused(store):
    store.has_ranges = False
    with pytest.raises(OSError, match="no ranges"):
        open_url(address(store))


def test_an_object_that_changes_is_noticed(store):
    with open_url(address(store)) as file:
        store.tag = "2"
        with pytest.raises(OSError, match=r"shop\.lgz: changed while") as raised:
            logzip.Segment.open(file)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a/b", "/etc/passwd"])
def test_other_addresses_are_refused(url):
    with pytest.raises(ValueError, match="not an http"):
        open_url(url)
