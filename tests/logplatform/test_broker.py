"""The embedded broker: every message is taken once and whole, however many take and send."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from queue import Empty

import pytest
from kombu.connection import Connection

from logplatform import broker

MESSAGES, SENDERS, TAKERS = 150, 3, 3


@pytest.fixture
def connect(tmp_path):
    for name in ("in", "control"):
        (tmp_path / name).mkdir()
    options = {
        "data_folder_in": str(tmp_path / "in"),
        "data_folder_out": str(tmp_path / "in"),
        "control_folder": str(tmp_path / "control"),
    }
    return lambda: Connection(f"{broker.SCHEME}://", transport_options=options)


def test_messages_are_taken_once_and_whole(connect):
    done = threading.Event()

    def send(sender):
        with connect() as connection:
            queue = connection.SimpleQueue("work")
            for number in range(MESSAGES):
                queue.put({"id": sender * MESSAGES + number, "text": "x" * 5000})
            queue.close()

    def take(_):
        found = []
        with connect() as connection:
            queue = connection.SimpleQueue("work")
            while True:
                last = done.is_set()
                try:
                    message = queue.get(block=False)
                except Empty:
                    if last:
                        break
                    continue
                found.append(message.payload["id"])
                message.ack()
            queue.close()
        return found

    with ThreadPoolExecutor(SENDERS + TAKERS) as pool:
        takers = [pool.submit(take, number) for number in range(TAKERS)]
        for sender in [pool.submit(send, number) for number in range(SENDERS)]:
            sender.result()
        done.set()
        taken = [number for taker in takers for number in taker.result()]
    assert sorted(taken) == list(range(SENDERS * MESSAGES))


def test_messages_are_taken_in_the_order_of_sending(connect):
    with connect() as connection:
        # Another name than above: kombu remembers in the process which queues are bound.
        queue = connection.SimpleQueue("in-order")
        for number in range(20):
            queue.put({"id": number})
            threading.Event().wait(0.002)
        taken = []
        for _ in range(20):
            message = queue.get(timeout=10)
            taken.append(message.payload["id"])
            message.ack()
        assert taken == list(range(20))
        queue.close()
