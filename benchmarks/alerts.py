"""What a minute of alert rules costs: 1,000 rules over 50 sources, judged from the catalog.

    python -m benchmarks.alerts [--rules 1000] [--sources 50] [--json FILE]

Makes a home of its own with SQLite, 40 templates and 3 hours of counts for each source.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.machine import report_header

if TYPE_CHECKING:
    from logplatform.accounts.models import Team
    from logplatform.logs.models import Source

TEMPLATES, MINUTES, LEVELS = 40, 180, (3, 4, 5)
ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rules", type=int, default=1000)
    parser.add_argument("--sources", type=int, default=50)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["LOGPLATFORM_HOME"] = home
        from logplatform import config

        config.start_django()
        from logplatform.commands.ready import prepare_home

        prepare_home()
        found = measure(arguments.rules, arguments.sources)
    print(json.dumps(found, indent=2))
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")


def measure(rules: int, sources: int) -> dict[str, object]:
    from logplatform.reports import alerts

    begin = datetime.now(tz=UTC).replace(second=0, microsecond=0)
    team = fill(rules, sources, begin)
    seconds = []
    for round_ in range(ROUNDS):
        now = begin + timedelta(minutes=round_ + 1, seconds=alerts.GRACE_S)
        started = time.process_time()
        alerts.evaluate_team(team, now)
        seconds.append(round(time.process_time() - started, 3))
    return report_header() | {
        "rules": rules,
        "sources": sources,
        "templates_per_source": TEMPLATES,
        "minutes_of_counts": MINUTES,
        "cpu_s_first": seconds[0],
        "cpu_s_then": sorted(seconds[1:])[len(seconds[1:]) // 2],
        "cpu_s": seconds,
    }


def fill(rules: int, sources: int, begin: datetime) -> int:
    """Make a team, its sources with counts up to now, and rules of every counted kind."""
    from logplatform.accounts.models import Team
    from logplatform.logs.models import Source

    team = Team.objects.create(name="bench")
    end = int(begin.timestamp()) // 60
    made = Source.objects.bulk_create(
        [Source(team=team, name=f"s{n}", annotator_file=f"{n}") for n in range(sources)]
    )
    for source in made:
        fill_source(source, end)
    fill_rules(team, made, rules, end)
    return int(team.pk)


def fill_source(source: Source, end: int) -> None:
    """Give a source one segment's row, its templates and their counts."""
    from logplatform.logs.models import Segment, Template, TemplateCount

    segment = Segment.objects.create(
        source=source,
        path=f"{source.pk}/x",
        sequence=0,
        blocks=1,
        records=1,
        lines=1,
        raw_bytes=1,
        stored_bytes=1,
        time_min_ns=(end - MINUTES) * 60 * 10**9,
        time_max_ns=end * 60 * 10**9,
    )
    templates = Template.objects.bulk_create(
        [
            Template(source=source, key=f"{n:016x}", text=f"event {n} <*>", typed_text="")
            for n in range(TEMPLATES)
        ]
    )
    TemplateCount.objects.bulk_create(
        [
            TemplateCount(
                source=source,
                segment=segment,
                template=template,
                minute=minute,
                level=LEVELS[n % 3],
                count=1 + (n * minute) % 7,
            )
            for n, template in enumerate(templates)
            for minute in range(end - MINUTES, end + ROUNDS)
        ],
        batch_size=5000,
    )


def fill_rules(team: Team, made: list[Source], rules: int, end: int) -> None:
    """Make rules of every kind that the catalog answers, spread over the sources."""
    from logplatform.reports import rules as writing

    kinds: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("count", "level:>=error", {"window_min": 5, "threshold": 10_000}),
        ("rate", "level:>=warn", {"window_min": 5, "baseline_windows": 12, "factor": 50}),
        ("absence", "", {"window_min": 15}),
        ("template_change", "", {"window_min": 10, "baseline_windows": 6, "factor": 50}),
        ("count", f"template:{3:016x}", {"window_min": 60, "threshold": 10_000}),
        ("new_template", "level:error", {}),
    )
    for n in range(rules):
        kind, query, condition = kinds[n % len(kinds)]
        draft = writing.RuleDraft(
            name=f"r{n}",
            kind=kind,
            query=query,
            sources=(made[n % len(made)],),
            condition=condition,
        )
        rule = writing.create_rule(team=team, draft=draft)
        rule.evaluated_minute = end
        rule.save(update_fields=["evaluated_minute"])


if __name__ == "__main__":
    main()
