"""``search``: the records that match a query, in the order in which they came."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from logplatform.cli import DONE, NOTHING_FOUND
from logplatform.commands.ready import default_team, existing_source, prepare_home
from logplatform.logs.models import Source
from logplatform.logs.query import parse
from logplatform.logs.search import count as count_hits
from logplatform.logs.search import each_match, hit_of
from logplatform.logs.search_scope import Request
from logplatform.logs.timestamps import format_time

if TYPE_CHECKING:
    import argparse

    from logplatform.logs.hits import Hit

# A command waits as long as it takes; the person who runs it can stop it.
BUDGET_S = 86_400.0


def search(arguments: argparse.Namespace) -> int:
    """Print matching records or their number."""
    prepare_home()
    query = parse(arguments.query)
    sources = (
        (existing_source(arguments.source),)
        if arguments.source
        else tuple(Source.objects.filter(team=default_team()))
    )
    request = Request(sources, query, budget_s=BUDGET_S)
    if arguments.count:
        total, _ = count_hits(request)
        sys.stdout.write(json.dumps({"count": total}) if arguments.json else str(total))
        sys.stdout.write("\n")
        return DONE if total else NOTHING_FOUND
    return DONE if _print_all(request, as_json=arguments.json) else NOTHING_FOUND


def _print_all(request: Request, *, as_json: bool) -> bool:
    """Print every record byte for byte, or as JSON; say whether there was one."""
    found = False
    for block, batch, row in each_match(request):
        found = True
        if as_json:
            sys.stdout.write(f"{_json(hit_of(block, batch, row))}\n")
            continue
        record = batch.record(row)
        sys.stdout.buffer.write(record if record.endswith(b"\n") else record + b"\n")
    return found


def _json(hit: Hit) -> str:
    return json.dumps(
        {
            "id": hit.id,
            "source": hit.source,
            "time": format_time(hit.time_ns),
            "time_origin": hit.time_origin,
            "clock_back_s": hit.clock_back_ns / 1e9,
            "level": hit.level,
            "component": hit.component,
            "template_id": hit.template_id,
            "raw": hit.raw,
        }
    )
