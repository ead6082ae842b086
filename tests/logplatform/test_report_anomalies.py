"""What reports say of anomalies and detectors: the API's figures, evidence, a graph."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from logplatform.detection.models import (
    Anomaly,
    AnomalyState,
    DetectorVersion,
    PatternVerdict,
    SourceDetector,
    Verdict,
)
from logplatform.reports import graph_plot, plots
from logplatform.reports.building import compose
from logplatform.reports.content import read_content
from logplatform.reports.models import Report, ReportPlan
from logplatform.reports.pdf import as_pdf
from logplatform.reports.rendering import as_html, as_text
from tests.alert_replay import lines_at
from tests.fakes import seal_now
from tests.shop_log import accept

SECTIONS = ["summary", "anomalies", "detectors"]
DAY = datetime(2026, 3, 10, tzinfo=UTC)
EVIL = "<b>$x_1$</b> 漢"


def node(name, label, kind="event", count=1):
    return {"id": name, "label": label, "kind": kind, "count": count}


def link(source, target, label="next", state="usual"):
    score = 0.0 if state == "usual" else 1.0
    ends = {"source": source, "target": target}
    return ends | {"label": label, "count": 1, "score": score, "state": state}


EVIDENCE = {
    "sentence": "'reserved' not followed by 'charged'",
    "parts": [
        {"detector": "relation", "tail": 1e-5, "text": "'reserved' not followed by 'charged'"},
        {"detector": "counts", "tail": 1e-4, "text": f"event 'charged' 0 times {EVIL}"},
        {"detector": "drift", "tail": 1.0, "text": ""},
    ],
    "edges": [
        {
            "source": "reserved",
            "target": "packed",
            "seen": 1,
            "units": 1200,
            "usual": [["charged", 1199], ["packed", 1]],
        }
    ],
    "nodes": [
        node("c", "charged"),
        node("a", "accepted"),
        node("r", f"reserved {EVIL}"),
        node("p", "packed"),
        node("s", "stock", "component"),
        node("b", "bank9", "field"),
    ],
    "links": [
        link("a", "r"),
        link("r", "p"),
        link("p", "a", "again"),
        link("r", "c", state="missing"),
        link("p", "s", "in"),
        link("p", "b", "through", state="wrong"),
        link("p", "p", "next", state="wrong"),
    ],
    "rows": [3, 1],
    "all_rows": [0, 1, 2, 3],
}


@pytest.fixture
def watched(source):
    """Give a source some lines, a detector, and anomalies of three patterns on two days."""
    accept(source, lines_at(DAY, f"INFO order {EVIL}", 20))
    seal_now(source)
    version = DetectorVersion.objects.create(
        source=source,
        number=1,
        folder="x",
        rule="{}",
        units=1200,
        first_record=0,
        end_record=20,
        is_warming_up=False,
        is_within_budget=True,
    )
    SourceDetector.objects.create(source=source, active=version)
    found = (("a", 0, 5.0), ("a", 1, 4.0), ("b", 2, 9.0), ("c", 3, 6.0), ("a", -20, 4.0))
    for number, (pattern, hour, score) in enumerate(found):
        start_ns = int((DAY + timedelta(hours=hour)).timestamp()) * 10**9
        Anomaly.objects.create(
            source=source,
            version=version,
            unit=f"ord_{number}",
            unit_hash=f"{number:032x}",
            kind="relation",
            score=score,
            tail=10**-score,
            pattern=pattern * 16,
            start_ns=start_ns,
            end_ns=start_ns + 1,
            first_record=number,
            last_record=number,
            sentence=f"'reserved' not followed by 'charged' {EVIL} {number}",
            evidence=EVIDENCE if number < 3 else {},
            state=AnomalyState.FALSE if pattern == "c" else AnomalyState.OPEN,
        )
    return source


def composed(team, **given):
    plan = ReportPlan.objects.create(
        team=team, name="Daily", cron="0 7 * * *", sections=SECTIONS, **given
    )
    report = Report(team=team, plan=plan, title="Daily", start=DAY)
    report.end = DAY + timedelta(days=1)
    content, pictures = compose(report)
    return content, {section.key: section for section in content.sections}, pictures


def test_anomalies_are_told_by_pattern_with_the_apis_figures(watched, team, signed_in):
    _, sections, _ = composed(team)
    found = sections["anomalies"]
    assert found.sentences == (
        "The detectors raised 2 alerts (3 anomalies), 1 in the time before.",
        "Of 2 patterns 1 came for the first time.",
    )
    assert found.sentences[0] in sections["summary"].sentences
    browser = signed_in("viewer")
    for row in found.table.rows:
        query = row[4].link.removeprefix("/anomalies?").replace("from=", "start=")
        query = query.replace("to=", "end=").replace("state=any", "state=open")
        answer = browser.get(f"/api/v1/anomalies?{query}").json()["results"]
        assert len(answer) == int(row[4].text)
        assert f"{max(one['score'] for one in answer):.1f}" == row[5].text
        assert row[0].link == f"/anomalies/{answer[0]['id']}"


def test_worst_ones_come_with_evidence_lines_and_a_picture(watched, team):
    content, sections, pictures = composed(team)
    first, second = sections["anomalies"].findings
    assert "score 9.0 (relation); 1 anomaly of this pattern on 1 day" in first.facts[0]
    assert first.facts[1] == f"counts: event 'charged' 0 times {EVIL}"
    assert "charged (1,199), packed (1); this one in 1 of 1,200" in first.facts[2]
    assert len(first.lines) == 2
    assert all("INFO shop.web: order" in line for line in first.lines)
    assert first.picture is not None
    assert "is missing" in first.picture.alt
    assert {"anomaly_a", "anomaly_a-dark", "anomaly_b"} <= set(pictures)
    html = as_html(content, link="", pictures={name: f"x:{name}" for name in pictures})
    assert 'src="x:anomaly_a"' in html
    assert "<b>$x" not in html
    text = as_text(content, link="")
    assert f"  | {first.lines[0]}" in text
    assert second.title in text
    assert as_pdf(content, link="", pictures=pictures).startswith(b"%PDF")
    assert read_content(content.to_json()) == content


def test_detectors_are_held_against_budget_and_verdicts(watched, team):
    PatternVerdict.objects.create(
        source=watched, pattern="c" * 16, verdict=Verdict.FALSE, created=DAY
    )
    PatternVerdict.objects.create(
        source=watched, pattern="b" * 16, verdict=Verdict.CONFIRMED, created=DAY
    )
    _, sections, _ = composed(team)
    found = sections["detectors"]
    assert found.sentences[:2] == (
        "3 alerts; 20 a day and source are allowed.",
        "2 verdicts: 1 confirmed, 1 false alarm.",
    )
    assert [cell.text for cell in found.table.rows[0]] == [
        "shop",
        "ready",
        "3",
        "3.0",
        "20",
        "1",
        "1",
    ]


def test_source_without_a_detector_has_no_anomalies_to_tell(source, team):
    _, sections, _ = composed(team)
    assert "anomalies" not in sections
    assert "no detector in full force" in sections["detectors"].sentences[-1]


def test_stored_report_of_an_earlier_version_is_read():
    old = {
        "title": "t",
        "period": "p",
        "sections": [
            {
                "key": "summary",
                "title": "In short",
                "sentences": ["a"],
                "table": None,
                "pictures": [],
                "is_notable": False,
            }
        ],
    }
    assert read_content(old).sections[0].findings == ()


def test_graph_of_many_nodes_stays_readable():
    nodes = [node(f"n{n}", f"event number {n} of a long list {EVIL}") for n in range(60)]
    nodes += [node(f"f{n}", "field", "field") for n in range(60)]
    links = [link(f"n{n}", f"n{(n * 7 + 1) % 60}") for n in range(60)]
    links += [link("n59", "f59", "in", state="wrong")]
    data = graph_plot.draw({"nodes": nodes, "links": links}, plots.LIGHT)
    assert Image.open(io.BytesIO(data)).size[1] < 700
    assert not graph_plot.is_drawable({"nodes": nodes, "links": links[:60]})
