"""Small labelled rows of a shop's log: enough to learn from in a tenth of a second."""

from __future__ import annotations

from adaptivelog import Example, Row

THINGS = ("order", "invoice", "basket", "voucher", "parcel", "refund", "price", "customer")
FAILURES = (
    "failed to save {}",
    "cannot reach the service of {}",
    "time-out while reading {}",
    "{} was refused: connection reset",
)
SUCCESSES = (
    "saved {} in <TDA>",
    "{} was sent to <OBN>",
    "finished reading {}",
    "started worker for {}",
)
EXAMPLES = tuple(
    Example(Row(pattern.format(thing)), label)
    for label, patterns in (("error", FAILURES), ("info", SUCCESSES))
    for pattern in patterns
    for thing in THINGS
)
PAIRS = tuple(
    Example(
        Row(f"SHOP-3-{thing.upper()}_LOST: {thing} <*> lost", f"the {other} was lost"), label
    )
    for thing in THINGS
    for other, label in ((thing, "yes"), (THINGS[THINGS.index(thing) - 3], "no"))
)
