"""A small shop log with a known history: orders that are placed, packed and shipped."""

from __future__ import annotations

import numpy as np
import pytest

from glad import Detector, DetectorConfig, choose_rule, group_units, read_events
from glad.settings import RelationConfig
from logscan import HEADER_FORMATS, scan
from valb import Annotator

ORDERS = 900
WAREHOUSES = [f"10.0.0.{i}" for i in range(1, 7)]
SHOPS = [f"10.0.9.{i}" for i in range(1, 7)]
START = "2026-03-01 10:{minute:02d}:{second:02d},000"


def order_lines(number, rng, *, fault=""):
    key = f"order_{7_000_000 + number}"
    shop = SHOPS[rng.integers(len(SHOPS))]
    house = WAREHOUSES[rng.integers(len(WAREHOUSES))]
    lines = [
        f"INFO shop.Cart: placed {key} from {shop} total {rng.integers(20, 60)}.50",
        f"INFO shop.Stock: reserved {key} at {house}",
        f"INFO shop.Pack: packed {key} in {rng.integers(3, 9)} boxes",
        f"INFO shop.Ship: shipped {key} from {house}",
    ]
    if number % 3 == 0:
        lines.insert(2, f"INFO shop.Stock: counted shelf for {key}")
    if fault == "missing":
        del lines[-2:]
    elif fault == "new":
        lines.append(f"ERROR shop.Ship: carrier refused {key} code 17")
    elif fault == "relation":
        lines[-1] = f"INFO shop.Ship: shipped {key} from {shop}"
    return lines


def shop_log(orders, *, faults=None, seed=0):
    """Write the lines of some orders, one order after the other."""
    rng = np.random.default_rng(seed)
    faults = faults or {}
    out = []
    for number in range(orders):
        for line in order_lines(number + seed * 100_000, rng, fault=faults.get(number, "")):
            time = START.format(minute=number // 60 % 60, second=number % 60)
            out.append(f"{time} {line}\n")
    return "".join(out).encode()


def read_bytes(data, annotator):
    batch = scan(data, header=HEADER_FORMATS["log4j"], received_ns=0)
    return read_events(batch, annotator.annotate(batch))


@pytest.fixture(scope="session")
def shop_annotator():
    annotator = Annotator()
    faults = {1: "new", 2: "missing", 3: "relation"}
    read_bytes(shop_log(60, faults=faults), annotator)
    return annotator


@pytest.fixture(scope="session")
def history(shop_annotator):
    events = read_bytes(shop_log(ORDERS), shop_annotator)
    return group_units(events, choose_rule(events))


@pytest.fixture(scope="session")
def later(shop_annotator):
    faults = {11: "missing", 20: "new", 30: "relation"}
    events = read_bytes(shop_log(60, faults=faults, seed=1), shop_annotator)
    return group_units(events, choose_rule(events))


def small_config(**told):
    return DetectorConfig(relation=RelationConfig(width=16, steps=60, units_at_once=32), **told)


@pytest.fixture(scope="session")
def detector(history):
    return Detector(small_config()).fit(history)
