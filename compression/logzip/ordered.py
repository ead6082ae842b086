"""Work on the items of a stream, several at once, with the results in the items' order.

Threads suit what leaves the interpreter alone (`logzip grep`, decompression). Encoding a block
spends a third of its time in Python, so the command gives it processes, which share nothing.
"""

from __future__ import annotations

import ctypes
import signal
from collections import deque
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from itertools import chain, islice
from typing import TYPE_CHECKING, TypeVar

from logzip.errors import LogzipError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor, Future

Item = TypeVar("Item")
Result = TypeVar("Result")

DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of linux/prctl.h


def in_order(
    work: Callable[[Item], Result],
    items: Iterator[Item],
    threads: int,
    *,
    processes: bool = False,
) -> Iterator[Result]:
    """Yield ``work(item)`` for each item in order, ``threads`` of them at work at once.

    With ``processes`` they are processes where the system can fork: work, items and results
    are sent between them.

    Raises
    ------
    LogzipError
        If a process was killed.
    """
    first = list(islice(items, 2))
    items = chain(first, items)
    if threads <= 1 or len(first) < 2:
        yield from map(work, items)
        return
    with _executor(threads, processes=processes) as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                # One more than threads: none of them waits while the oldest result is written.
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenExecutor as error:
            raise LogzipError("a process at work on a block was killed") from error
        finally:
            for future in waiting:
                future.cancel()


def _executor(threads: int, *, processes: bool) -> Executor:
    if not processes:
        return ThreadPoolExecutor(threads)
    # Imported here: a search, which starts in a fifth of a second, has no use for them.
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    if "fork" not in multiprocessing.get_all_start_methods():
        return ThreadPoolExecutor(threads)
    context = multiprocessing.get_context("fork")
    return ProcessPoolExecutor(threads, mp_context=context, initializer=_end_with_parent)


def _end_with_parent() -> None:
    """Let an interrupt be the parent's business, and end when it ends, however it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(DEATH_SIGNAL, signal.SIGKILL)
