"""The embedded broker: every message is taken once and whole, however many take and send."""

from __future__ import annotations

import json
import subprocess
import sys

MESSAGES, SENDERS, TAKERS = 150, 2, 2
# Processes, as in life: within one, kombu shares what it knows of queues between connections.
START = """
import json, os, sys
from pathlib import Path
from queue import Empty
from kombu.connection import Connection
from logplatform import broker
root, first, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
options = {f"data_folder_{way}": str(root / "in") for way in ("in", "out")}
options["control_folder"] = str(root / "control")
connection = Connection(f"{broker.SCHEME}://", transport_options=options)
queue = connection.SimpleQueue("work")
"""
SEND = f"""{START}
for number in range(first, first + count):
    queue.put({{"id": number, "text": "x" * 5000}})
"""
TAKE = f"""{START}
found = []
while True:
    last = (root / "done").exists()
    try:
        message = queue.get(block=False)
    except Empty:
        if last:
            break
        continue
    found.append(message.payload["id"])
    message.ack()
print(json.dumps(found))
"""


def start(code, root, first=0, count=0):
    return subprocess.Popen(
        [sys.executable, "-c", code, str(root), str(first), str(count)],
        stdout=subprocess.PIPE,
        text=True,
    )


def run(senders, takers, root):
    """Let some processes send and some take; return what each of those took."""
    for name in ("in", "control"):
        (root / name).mkdir()
    sending = [start(SEND, root, at * MESSAGES, MESSAGES) for at in range(senders)]
    taking = [start(TAKE, root) for _ in range(takers)]
    for sender in sending:
        assert not sender.communicate(timeout=60)[0]
        assert sender.returncode == 0
    (root / "done").touch()
    return [json.loads(taker.communicate(timeout=60)[0]) for taker in taking]


def test_messages_are_taken_once_and_whole(tmp_path):
    taken = run(SENDERS, TAKERS, tmp_path)
    assert sorted(number for part in taken for number in part) == list(
        range(SENDERS * MESSAGES)
    )


def test_messages_are_taken_in_the_order_of_sending(tmp_path):
    (taken,) = run(1, 1, tmp_path)
    assert sorted(taken) == list(range(MESSAGES))
    # Names count milliseconds, within which the order is open.
    assert max(abs(place - number) for place, number in enumerate(taken)) < 20
