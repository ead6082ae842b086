"""Orders of a shop, five steps each, and a few of which one step is wrong in a known way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

START = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
GAP_S = 7  # between orders; one takes five seconds
STEPS = ("accepted", "reserved", "charged", "packed", "sent")
STORES = ("north", "south", "harbour")
BANKS = ("bank1", "bank2", "bank3")
CARRIERS = ("rail9", "road7", "air4")


@dataclass(frozen=True)
class Orders:
    """Lines in the order of time, and the orders that are wrong."""

    lines: list[bytes]
    wrong: dict[str, str]  # order -> what is wrong with it


def orders(count: int = 1_200, *, faults: int = 4, seed: int = 1) -> Orders:
    """Make a log; faults are in its last tenth: a step left out, a bank that is a carrier."""
    chance = np.random.default_rng(seed)
    first = count - count // 10
    wrong = {
        _name(n): ("missing", "moved")[at % 2]
        for at, n in enumerate(range(first, count, max(1, count // 10 // faults)))
    }
    lines = [line for n in range(count) for line in _order(n, wrong.get(_name(n), ""), chance)]
    return Orders([text for _, text in sorted(lines)], wrong)


def _name(n: int) -> str:
    return f"ord_{100_000 + n}"


def _order(n: int, fault: str, chance: np.random.Generator) -> list[tuple[datetime, bytes]]:
    place = int(chance.integers(len(STORES)))
    store = STORES[place]
    bank, carrier = BANKS[place], CARRIERS[place]  # each store has its own
    if fault == "moved":
        bank = carrier
    said = (
        ("gate", f"order {_name(n)} accepted by store {store}"),
        ("stock", f"order {_name(n)} reserved in {store} with {chance.integers(1, 10)} items"),
        ("till", f"order {_name(n)} charged through {bank} for {chance.integers(5, 91)} EUR"),
        ("stock", f"order {_name(n)} packed in {store}"),
        ("gate", f"order {_name(n)} sent with {carrier}"),
    )
    begin = START + timedelta(seconds=n * GAP_S)
    return [
        (at, f"{at:%Y-%m-%d %H:%M:%S},000 INFO shop.{who}: {text}\n".encode())
        for step, (who, text) in enumerate(said)
        if not (fault == "missing" and step == STEPS.index("charged"))
        for at in (begin + timedelta(seconds=step),)
    ]
