"""What the footer tells before a block is read: whether a record in it can meet a condition.

Never a false no: `can_match` answers yes whenever it does not know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from logzip.conditions import (
    And,
    Condition,
    LevelIn,
    Not,
    Or,
    Regex,
    StructureIn,
    Text,
    TimeRange,
    Variable,
    required_literals,
)
from logzip.filters import GRAMS, may_hold

if TYPE_CHECKING:
    from logzip.footer import BlockInfo


def can_match(info: BlockInfo, condition: Condition) -> bool:
    """Say whether a record of the block may meet ``condition``."""
    match condition:
        case And(parts):
            return all(can_match(info, part) for part in parts)
        case Or(parts):
            return any(can_match(info, part) for part in parts)
        case Not(inner):
            return not must_match(info, inner)
        case Text(pattern, ignore_case):
            # Unicode folds letters onto ASCII ones (the long s is an s): filters don't.
            foreign = ignore_case and not pattern.isascii()
            return foreign or may_hold(info.filters.get(GRAMS, b""), pattern)
        case Regex():
            grams = info.filters.get(GRAMS, b"")
            return all(may_hold(grams, part) for part in required_literals(condition))
        case _:
            return _by_zones(info, condition)


def must_match(info: BlockInfo, condition: Condition) -> bool:
    """Say whether every record of the block is known to meet ``condition``."""
    match condition:
        case And(parts):
            known = all(must_match(info, part) for part in parts)
        case Or(parts):
            known = any(must_match(info, part) for part in parts)
        case Not(inner):
            known = not can_match(info, inner)
        case Text(pattern):
            known = not pattern
        case TimeRange(start_ns, end_ns):
            known = start_ns is None or info.time_min_ns >= start_ns
            known &= end_ns is None or info.time_max_ns < end_ns
        case LevelIn(levels):
            known = all(level in levels for level, n in enumerate(info.levels) if n)
        case _:
            known = False
    return known


def _by_zones(info: BlockInfo, condition: Condition) -> bool:
    """Answer for the conditions on the columns of every record."""
    match condition:
        case TimeRange(start_ns, end_ns):
            after = end_ns is None or info.time_min_ns < end_ns
            return after and (start_ns is None or info.time_max_ns >= start_ns)
        case LevelIn(levels):
            return any(level in levels for level, n in enumerate(info.levels) if n)
        case StructureIn(hashes):
            return any(map(info.may_hold_structure, hashes))
        case Variable(spans):
            return any(map(info.may_hold_structure, spans))
        case _:
            return True
