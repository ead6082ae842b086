"""A log that this project makes itself: varied lines of a small shop, the same in every run.

Run as a script it writes golden/v1.log, and by the writer at hand golden/v1.lgz. That is
done once for a version of the format and never again: the segment must open for ever.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from logzip import compress_stream

GOLDEN = Path(__file__).parent / "golden"
ODD = b"\xff\xfe\0\x01\x06 caf\xc3\xa9\r\n"
RECEIVED_NS = 1_700_000_000_000_000_000


def shop_log(n: int, seed: int = 1) -> bytes:
    """Return about ``n`` lines: requests, payments, stack traces, odd bytes."""
    rng = np.random.default_rng(seed)
    lines: list[bytes] = []
    clock_ms = 0
    for number in range(n):
        clock_ms += int(rng.integers(1, 900))
        seconds, ms = divmod(clock_ms, 1000)
        stamp = b"2024-02-%02d %02d:%02d:%02d,%03d" % (
            28 + seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60, seconds % 60, ms,
        )  # fmt: skip
        request = b"%016x" % int(rng.integers(1 << 62))
        item = int(rng.integers(900))
        status = 200 + 204 * (number % 9 == 0)
        user = b"user%d" % int(rng.zipf(1.5) % 40)
        lines += [
            b"%s INFO  [worker-%d] shop.access - %s GET /item/%d?q=%s %d %dms\n"
            % (stamp, number % 4, request, item, user, status, rng.integers(1, 400)),
            b"%s DEBUG [worker-%d] shop.db - %s query took %d.%03d ms from 10.0.%d.%d:5432\n"
            % (stamp, number % 4, request, rng.integers(9), rng.integers(1000), number % 3,
               rng.integers(255)),
        ]  # fmt: skip
        if number % 17 == 0:
            lines.append(
                b"%s ERROR [worker-1] shop.pay - payment blk_-%d of %s failed\n"
                b"java.lang.IllegalStateException: card %04d\n"
                b"\tat shop.Pay.charge(Pay.java:%d)\n\tat shop.Main.run(Main.java:12)\n"
                % (stamp, rng.integers(1 << 60), user, rng.integers(9999), number % 5 + 40)
            )
        if number % 41 == 0:
            lines.append(
                stamp + b" WARN  [worker-2] shop.odd - \xff\xfe\0\x01\x06 caf\xc3\xa9\r\n"
            )
    return b"".join(lines)


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    log = shop_log(140)
    segment = io.BytesIO()
    compress_stream(io.BytesIO(log), segment, received_ns=RECEIVED_NS)
    (GOLDEN / "v1.log").write_bytes(log)
    (GOLDEN / "v1.lgz").write_bytes(segment.getvalue())
