"""Requests leave for the public internet alone, whatever the address looks like."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time

import pytest

from logplatform.reports.egress import MAX_ANSWER_BYTES, Egress
from logplatform.reports.errors import EgressError, ForbiddenAddressError
from tests.receivers import http_receiver

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
# The system's own resolver reads these; nothing is looked up anywhere.
INSIDE = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://127.255.255.254:8080/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://0/",
    "http://0.0.0.0/",
    "http://localhost/",
    "http://LocalHost/",
    "http://10.0.0.1/",
    "http://172.16.5.4/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/latest/meta-data/",
    "http://0xa9fea9fe/",
    "http://192.0.0.192/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://240.0.0.1/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b:1::a00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a9fe:a9fe::]/",
    "http://[fe80::1]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[2001:db8::1]/",
]
NO_ADDRESSES = [
    "gopher://example.org/",
    "file:///etc/passwd",
    "ftp://example.org/",
    "javascript:alert(1)",
    "http://user@example.org/",
    "http://example.org:80@127.0.0.1/",
    "http://127.0.0.1%2f@example.org/",
    "http://[fe80::1%25lo]/",
    "http:///nowhere",
    "http://example.org:0/",
    "http://example.org:99999/",
    "http://example.org/\r\nX-Evil: 1",
    "http://exa mple.org/",
    "http://ⓔxample.org/",
    "http://example.org\\@127.0.0.1/",
    "//example.org/",
    "http://" + "a" * 3000,
]


def named(*answers):
    """Return a resolver that gives these answers in turn, and the hosts it was asked for."""
    asked = []

    def resolve(host, port):
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    return resolve, asked


@pytest.mark.parametrize("url", INSIDE)
def test_address_inside_is_refused(url):
    with pytest.raises(ForbiddenAddressError):
        Egress().post(url, b"", {})


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_what_is_no_plain_address_is_refused(url):
    with pytest.raises(ForbiddenAddressError):
        Egress().post(url, b"", {})


def test_name_with_one_address_inside_is_refused():
    resolve, _ = named(["93.184.215.14", "10.0.0.1"])
    with pytest.raises(ForbiddenAddressError):
        Egress(resolve=resolve).post("https://example.org/", b"", {})


def test_name_is_resolved_once_and_the_connection_goes_there():
    with http_receiver() as receiver:
        resolve, asked = named(["127.0.0.1"], ["127.0.0.9"])
        egress = Egress(allowed=LOOPBACK, resolve=resolve)
        answer = egress.post(f"http://hooks.example:{receiver.port}/x?y=1", b"{}", {})
        assert answer.is_good
        assert asked == ["hooks.example"]
        headers, body = receiver.requests[0]
        assert headers["Host"] == f"hooks.example:{receiver.port}"
        assert body == b"{}"


def test_name_that_means_another_address_later_is_refused_then():
    resolve, _ = named(["127.0.0.1"], ["169.254.169.254"])
    with http_receiver() as receiver:
        egress = Egress(allowed=LOOPBACK, resolve=resolve)
        url = f"http://hooks.example:{receiver.port}/"
        assert egress.post(url, b"", {}).is_good
        with pytest.raises(ForbiddenAddressError):
            egress.post(url, b"", {})
        assert len(receiver.requests) == 1


def test_redirect_is_an_answer_and_not_followed():
    with http_receiver() as receiver:
        receiver.status, receiver.headers = 302, {"Location": receiver.url + "/inside"}
        answer = Egress(allowed=LOOPBACK).post(receiver.url, b"", {})
        assert answer.status == 302
        assert not answer.is_good
        assert len(receiver.requests) == 1


def test_answer_from_inside_is_not_shown_and_a_long_one_not_read():
    with http_receiver() as receiver:
        receiver.body = b"secret" * MAX_ANSWER_BYTES
        answer = Egress(allowed=LOOPBACK).post(receiver.url, b"", {})
        assert answer.is_good
        assert answer.body == ""


@pytest.mark.parametrize("drip", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_server_that_takes_its_time_is_left(drip):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            client, _ = server.accept()
            with client:
                client.sendall(drip)
                for _ in range(40):
                    time.sleep(0.05)
                    try:
                        client.sendall(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        began = time.monotonic()
        egress = Egress(allowed=LOOPBACK, timeout_s=0.3)
        if drip:  # the status was there: what goes on without end is cut, not an error
            assert egress.post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"", {}).is_good
        else:
            with pytest.raises(EgressError):
                egress.post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"", {})
        assert time.monotonic() - began < 1.5
        thread.join()


def test_nobody_listening_is_an_error_that_may_pass():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(EgressError) as caught:
        Egress(allowed=LOOPBACK).post(f"http://127.0.0.1:{port}/", b"", {})
    assert not isinstance(caught.value, ForbiddenAddressError)


def test_header_cannot_begin_another():
    with http_receiver() as receiver:
        with pytest.raises(EgressError):
            Egress(allowed=LOOPBACK).post(receiver.url, b"", {"X": "a\r\nEvil: 1"})
        assert receiver.requests == []
