"""Fields: variables as nodes and numbers. Values become comparable here, and ids are left out.

Ports, long numbers and hex digits are cut from values, so that what is left recurs; amounts,
sizes and durations become numbers and buckets. A slot whose values still hardly recur is a key,
not a field.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glad.keys import columns_of, text_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from glad.events import Events, Slot
    from glad.units import Units

# A slot whose values are mostly of one unit only tells units apart, and says nothing of them.
MAX_SINGLE_SHARE = 0.5
# Below so many values a share is no evidence.
MIN_SLOT_UNITS = 10
# An id leaves a few skeletons once its digits are cut (`blk_#`); a path leaves many.
MAX_HOLLOW_LABELS = 2

AMOUNTS = frozenset({"TDA", "CRS", "OBA"})
# Values of these are names and stay as they are.
CODES = frozenset({"STC", "SID", "TID", "OBN"})

_ADDRESS = re.compile(r"^/?((?:\d{1,3}\.){3}\d{1,3})(?::\d+)?$")
_PORT = re.compile(r"^([A-Za-z][\w.-]*[A-Za-z][\w.-]*|\[[0-9a-fA-F:]+\]):\d{2,5}$")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{8,}(?![0-9A-Za-z])")
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(r"\d{3,}")
_ONLY_DIGITS = re.compile(r"-?\d+")
_NUMBER = re.compile(r"^[^\d-]{0,3}(-?\d+(?:[.,]\d+)*)\s*([A-Za-z%\x80-\uffff]{0,8})$")
# To seconds and bytes, so that 900ms and 1.1s are neighbours.
_SCALES = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "msec": 1e-3, "millis": 1e-3,
    "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0,
    "b": 1.0, "k": 1e3, "kb": 1e3, "kib": 1024.0, "mb": 1e6, "mib": 2.0**20, "gb": 1e9,
    "gib": 2.0**30,
}  # fmt: skip
_MARK = "#"
_RUN = re.compile(r"[A-Za-z0-9]+")
_REPEATED = re.compile(r"([a0x][^a0x])\1+")


@dataclass(frozen=True)
class Fields:
    """The field values of some events; N distinct nodes."""

    node: NDArray[np.int64]  # (V,) index of the node of each value, -1 where it has none
    role: NDArray[np.int64]  # (V,) index into `role_keys`: template and name of the slot
    number: NDArray[np.float64]  # (V,) log of an amount, NaN where it is none
    node_keys: NDArray[np.uint64]  # (N,)
    node_kinds: tuple[str, ...]  # (N,) category
    node_labels: tuple[str, ...]  # (N,)
    role_keys: NDArray[np.uint64]  # (n_roles,)
    role_names: tuple[str, ...]  # (n_roles,)


def plain_value(text: str, category: str) -> tuple[str, float]:
    """Give what of a value recurs, "" where nothing does, and its number (NaN if none)."""
    if category in AMOUNTS:
        number = _number(text)
        if not math.isnan(number):
            return _bucket(number), number
    address = _ADDRESS.match(text)
    if address:
        return address[1], math.nan
    if not _DIGIT.search(text):
        return text[:200], math.nan
    if category not in CODES:
        text = _PORT.sub(r"\1", text)
        text = _UUID.sub(_MARK, text)
        text = _HEX.sub(_MARK, text)
        text = _DIGITS.sub(_MARK, text)
    elif len(text) > 4 and _ONLY_DIGITS.fullmatch(text):
        return "", math.nan
    return ("" if text.strip("#-_:. ") == "" else text[:200]), math.nan


def _number(text: str) -> float:
    found = _NUMBER.match(text)
    if found is None:
        return math.nan
    value = abs(float(found[1].replace(",", ""))) if found[1].count(".") <= 1 else math.nan
    value *= _SCALES.get(found[2].lower(), 1.0)
    return math.log(value + 1e-9)


def _bucket(number: float) -> str:
    """Name the power of four that an amount lies in."""
    low = 4.0 ** math.floor(number / math.log(4.0))
    return "0" if number < -20 else f"{low:.3g} to {4 * low:.3g}"


def shape_of(label: str) -> str:
    """Tell what a value looks like: runs of letters, of digits, of both; repeats once.

    ``10.0.0.7`` and ``10.0.0.8`` are ``0.0``, so what history has of the one speaks for the
    other.
    """
    runs = _RUN.sub(_run_kind, label[:200])
    return _REPEATED.sub(r"\1", runs)


def _run_kind(run: re.Match[str]) -> str:
    return "a" if run[0].isalpha() else "0" if run[0].isdigit() else "x"


def role_name(slot: Slot) -> str:
    """Name what a slot is to its event: the word before it, else what it is."""
    return slot.name or slot.category


def _of_one_unit(
    value: NDArray[np.signedinteger], unit: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Tell which values occur in no other unit, shape (n,)."""
    _, number = np.unique(value, return_inverse=True)
    lowest = np.full(number.max(initial=-1) + 1, np.iinfo(np.int64).max)
    highest = np.full(len(lowest), -1)
    np.minimum.at(lowest, number, unit)
    np.maximum.at(highest, number, unit)
    single: NDArray[np.bool_] = lowest == highest
    return single[number]


class FieldReader:
    """Tells fields from keys, on the history of a source.

    Attributes
    ----------
    keys_ : ndarray of shape (k,)
        Sorted numbers of the roles whose values are keys.
    """

    keys_: NDArray[np.uint64]

    def fit(self, units: Units) -> FieldReader:
        """Find the slots that only tell units apart, whole or once ids are cut from values."""
        self.keys_ = np.zeros(0, np.uint64)
        fields = self.read(units.events)
        unit_of = np.full(len(units.events), -1)
        unit_of[units.records] = units.unit
        value_unit = unit_of[units.events.value_record]
        used = np.flatnonzero(value_unit >= 0)
        if not len(used):
            return self
        n_roles = len(fields.role_keys)
        role, unit = fields.role[used], value_unit[used]
        node = np.where(fields.node[used] < 0, -1 - np.arange(len(used)), fields.node[used])
        total = np.bincount(role, minlength=n_roles)
        single = np.bincount(role[_of_one_unit(node, unit)], minlength=n_roles)
        whole = units.events.value_text[used]
        cut = np.array([_MARK in label for label in (*fields.node_labels, "")])[node.clip(-1)]
        hollow = np.bincount(role[_of_one_unit(whole, unit) & cut], minlength=n_roles)
        labels = np.bincount(
            np.unique(np.stack((role, node), 1), axis=0)[:, 0], minlength=n_roles
        )
        keys = (single > MAX_SINGLE_SHARE * total) & (total >= MIN_SLOT_UNITS)
        keys |= (hollow > MAX_SINGLE_SHARE * total) & (labels <= MAX_HOLLOW_LABELS)
        self.keys_ = np.sort(fields.role_keys[keys])
        return self

    def read(self, events: Events) -> Fields:
        """Read the fields of some events. Rows and units make no difference."""
        categories = sorted({slot.category for slot in events.slots})
        category_of = np.array(
            [categories.index(slot.category) for slot in events.slots], np.int64
        )
        roles: dict[tuple[str, str], int] = {}
        slot_role = np.array(
            [
                roles.setdefault((slot.template, role_name(slot)), len(roles))
                for slot in events.slots
            ],
            np.int64,
        )
        role_keys = np.array([text_key("role", *role) for role in roles], np.uint64)
        width = max(len(categories), 1)
        role = slot_role[events.value_slot]
        kept = np.flatnonzero((columns_of(role_keys, self.keys_) < 0)[role])
        category = category_of[events.value_slot[kept]]
        pair = events.value_text[kept].astype(np.int64) * width + category
        distinct, inverse = np.unique(pair, return_inverse=True)
        nodes: dict[tuple[str, str], int] = {}
        plain, numbers = _plain_values(events.texts, categories, distinct, nodes)
        node, number = np.full(len(role), -1), np.full(len(role), np.nan)
        node[kept], number[kept] = plain[inverse], numbers[inverse]
        return Fields(
            node=node,
            role=role,
            number=number,
            node_keys=np.array([text_key("node", *item) for item in nodes], np.uint64),
            node_kinds=tuple(kind for kind, _ in nodes),
            node_labels=tuple(label for _, label in nodes),
            role_keys=role_keys,
            role_names=tuple(name for _, name in roles),
        )


def _plain_values(
    texts: Sequence[bytes],
    categories: Sequence[str],
    distinct: NDArray[np.int64],
    nodes: dict[tuple[str, str], int],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give numbers to the nodes of distinct (text, category) pairs; fills ``nodes``."""
    node = np.full(len(distinct), -1, np.int64)
    number = np.full(len(distinct), np.nan)
    width = max(len(categories), 1)
    for index, pair in enumerate(distinct.tolist()):
        category = categories[pair % width]
        text = texts[pair // width].decode("utf-8", "backslashreplace")
        label, number[index] = plain_value(text, category)
        if label:
            node[index] = nodes.setdefault((category, label), len(nodes))
    return node, number
