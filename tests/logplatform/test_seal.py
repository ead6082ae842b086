"""The seal: every accepted line in one segment, once, or still waiting; never in between."""

from __future__ import annotations

import io
import os
from collections import Counter

import numpy as np
import pytest
from django.conf import settings as django_settings
from django.db.models import Sum

from logplatform.logs import annotators, catalog, jobs, seal, services, sweep
from logplatform.logs.errors import LeaseLostError
from logplatform.logs.models import (
    Batch,
    BatchState,
    Job,
    JobState,
    Segment,
    Source,
    Structure,
    Template,
    TemplateCount,
)
from logplatform.logs.query import parse
from logplatform.logs.search import count as count_hits
from logplatform.logs.search_scope import Request
from logzip import Segment as SegmentFile

LINES = [
    b"2024-05-01 12:%02d:%02d %s app.web: user %d opened /item/%d in %d ms\n"
    % (n // 60 % 60, n % 60, [b"INFO", b"WARN", b"ERROR"][n % 3], n % 7, n, n * 3 % 997)
    for n in range(600)
]


def seal_now(source):
    assert seal.run_seal_job(jobs.queue_seal(source))
    source.refresh_from_db()


def accept(source, data):
    return services.accept_batch(source, data, key=str(len(data)) + str(hash(data)))


def test_sealed_lines_come_back_in_order(source, exported):
    for low in range(0, 600, 50):
        accept(source, b"".join(LINES[low : low + 50]))
        if low == 300:
            seal_now(source)
    assert exported(source) == b"".join(LINES)
    seal_now(source)
    assert exported(source) == b"".join(LINES)
    assert not Batch.objects.exclude(state=BatchState.SEALED).exists()
    assert Segment.objects.count() == 2


def test_counts_are_exact_by_template_minute_and_level(source):
    accept(source, b"".join(LINES))
    seal_now(source)
    counts = TemplateCount.objects.filter(source=source)
    assert counts.aggregate(Sum("count"))["count__sum"] == 600
    by_level = dict(counts.values_list("level").annotate(Sum("count")))
    assert by_level == {3: 200, 4: 200, 5: 200}
    by_minute = dict(counts.values_list("minute").annotate(Sum("count")))
    assert set(by_minute.values()) == {60}
    assert Segment.objects.get().levels == {"3": 200, "4": 200, "5": 200}


def test_every_structure_of_a_segment_has_a_template(source):
    accept(source, b"".join(LINES))
    accept(source, b"free text\n\xff\xfe\0binary\n\n\nTraceback of nothing\n")
    seal_now(source)
    known = {row.hash: row for row in Structure.objects.select_related("template")}
    segment = Segment.objects.get()
    with SegmentFile.open(catalog.segment_path(segment)) as file:
        for number in range(len(file.blocks)):
            batch = file.block(number).batch
            for structure in batch.structures:
                row = known[structure.hash]
                assert len(row.spans) == len(row.categories)
                for span in row.spans:
                    assert span[0] <= span[2] < 2 * len(structure.constants) - 1


@pytest.mark.parametrize("n", [1, 2, 3])
def test_block_of_few_lines_keeps_its_templates(source, n):
    accept(source, b"".join(LINES[:n]))
    seal_now(source)
    assert Template.objects.get().text != "<*>"


def test_template_ids_survive_a_restart(source):
    accept(source, b"".join(LINES[:300]))
    seal_now(source)
    before = set(Template.objects.values_list("key", flat=True))
    annotators.forget()
    accept(source, b"".join(LINES[300:]))
    seal_now(source)
    assert set(Template.objects.values_list("key", flat=True)) == before


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_batch_without_final_newline_ends_there(source, exported, ending):
    accept(source, b"first" + ending)
    accept(source, b"second" + ending)
    seal_now(source)
    accept(source, b"third" + ending)
    assert exported(source) == (ending or b"\n").join([b"first", b"second", b"third"]) + ending


def test_of_two_seals_at_once_only_one_commits(source, exported):
    accept(source, b"".join(LINES))
    job = jobs.queue_seal(source)
    lease = jobs.lease_job(job)
    assert lease is not None
    # The first worker stalls; its lease runs out, and another seals.
    Job.objects.update(lease_until=jobs._now() - jobs.LEASE)
    assert seal.run_seal_job(job)
    with pytest.raises(LeaseLostError):
        lease.renew(0.5)
    assert not seal._seal_next(lease, [])
    assert Segment.objects.count() == 1
    assert exported(source) == b"".join(LINES)


def test_commit_after_another_seal_keeps_nothing(source, home):
    accept(source, b"".join(LINES))
    lease = jobs.lease_job(jobs.queue_seal(source))
    assert lease is not None

    batches = seal._take(source)
    Source.objects.filter(pk=source.pk).update(annotator_version=5)
    stale = Source.objects.get(pk=source.pk)
    stale.annotator_version = 0
    with pytest.raises(LeaseLostError):
        seal.seal_batches(stale, batches, lease, [])
    assert not Segment.objects.exists()
    assert not Template.objects.exists()
    assert not list(home.segments.glob("*/*.lgz"))


def test_failing_seal_leaves_lines_searchable_and_says_why(source, home, exported):
    accept(source, b"".join(LINES))
    batch = Batch.objects.get()
    path = home.wal / batch.file
    good = path.read_bytes()
    path.write_bytes(b"X" + good[1:])
    job_id = jobs.queue_seal(source)
    with pytest.raises(Exception, match="does not hold"):
        seal.run_seal_job(job_id)
    job = Job.objects.get()
    assert job.state == JobState.QUEUED
    assert job.not_before > jobs._now()
    assert "does not hold" in job.error
    assert not list(home.segments.glob("*/*"))
    path.write_bytes(good)
    assert exported(source) == b"".join(LINES)
    Job.objects.update(not_before=jobs._now())
    assert seal.run_seal_job(job_id)
    assert Job.objects.get().error == ""


def test_batch_that_cannot_be_sealed_is_set_aside_and_the_rest_goes_on(source, home, exported):
    accept(source, b"".join(LINES))
    batch = Batch.objects.get()
    path = home.wal / batch.file
    good = path.read_bytes()
    path.write_bytes(b"X" + good[1:])
    job_id = jobs.queue_seal(source)
    for _ in range(jobs.MAX_ATTEMPTS):
        Job.objects.update(not_before=jobs._now())
        with pytest.raises(Exception, match="does not hold"):
            seal.run_seal_job(job_id)
    assert Job.objects.get().state == JobState.FAILED
    batch.refresh_from_db()
    assert batch.state == BatchState.FAILED
    assert "does not hold" in batch.error
    services.close_files()
    accept(source, b"other line\n")
    seal_now(source)
    path.write_bytes(good)
    assert exported(source) == b"other line\n" + b"".join(LINES)
    seal.run_seal_job(jobs.retry_job(Job.objects.get(state=JobState.FAILED)))
    batch.refresh_from_db()
    assert batch.state == BatchState.SEALED


def test_swept_after_the_grace_a_sealed_file_goes_and_its_lines_stay(source, home, exported):
    services.accept_upload(source, io.BytesIO(b"".join(LINES)))
    seal_now(source)
    sweep.delete_sealed_files()
    assert list(home.wal.iterdir())
    Batch.objects.update(sealed=jobs._now() - 2 * sweep.GRACE)
    sweep.delete_sealed_files()
    assert not list(home.wal.iterdir())
    assert exported(source) == b"".join(LINES)


def test_unsealed_file_is_never_swept(source, home, exported):
    services.accept_upload(source, io.BytesIO(b"".join(LINES)))
    Batch.objects.update(received=jobs._now() - 100 * sweep.GRACE)
    sweep.sweep()
    assert exported(source) == b"".join(LINES)


def test_files_that_no_row_names_are_swept_once_old(source, home, exported):
    accept(source, b"".join(LINES))
    seal_now(source)
    folder = home.segments / str(source.pk)
    for name in ("crash.tmp", "crash.lgz"):
        (folder / name).write_bytes(b"x")
    sweep.delete_orphans()
    assert len(list(folder.iterdir())) == 3
    for path in [*folder.iterdir(), *(home.annotators / str(source.pk)).iterdir()]:
        os.utime(path, (0, 0))
    sweep.delete_orphans()
    assert [path.name for path in folder.iterdir()] == [
        Segment.objects.get().path.split("/")[1]
    ]
    assert len(list((home.annotators / str(source.pk)).iterdir())) == 1
    assert exported(source) == b"".join(LINES)


def test_random_batches_and_seals_keep_every_line(source, exported):
    choose = np.random.default_rng(7)
    sent = []
    for _ in range(30):
        lines = [
            b"%d %s\n"
            % (choose.integers(10**6), choose.bytes(int(choose.integers(30))).hex().encode())
            for _ in range(choose.integers(1, 40))
        ]
        accept(source, b"".join(lines))
        sent += lines
        if choose.random() < 0.3:
            seal_now(source)
    assert exported(source) == b"".join(sent)
    seal_now(source)
    assert exported(source) == b"".join(sent)
    counted = TemplateCount.objects.aggregate(Sum("count"))["count__sum"]
    assert counted == Segment.objects.aggregate(Sum("records"))["records__sum"]


NAMES = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy"]


def test_counts_stay_what_a_search_finds_while_templates_generalise(source):
    """Words that turn out to vary make templates one, from seal to seal."""
    choose = np.random.default_rng(3)
    for turn in range(6):
        lines = [
            f"2024-05-01 12:{turn:02}:00 INFO app: user {NAMES[choose.integers(2 + turn)]}"
            f" {['opened', 'closed', 'moved'][choose.integers(1 + turn // 2)]} the file f{n}\n"
            for n in range(100)
        ]
        accept(source, "".join(lines).encode())
        seal_now(source)
        structures = Structure.objects.filter(source=source)
        assert all(len(row.spans) == len(row.categories) for row in structures)
    root = {row.pk: row.alias_of_id or row.pk for row in Template.objects.all()}
    counted: Counter[int] = Counter()
    for template, count in TemplateCount.objects.values_list("template", "count"):
        last = template
        while root[last] != last:
            last = root[last]
        counted[last] += count
    assert sum(counted.values()) == 600
    for template, count in counted.items():
        query = parse(f"template:{Template.objects.get(pk=template).key}")
        assert count_hits(Request((source,), query))[0] == count


def test_source_is_due_by_bytes_or_age(source, settings):
    settings.CONFIG = django_settings.CONFIG.model_copy(
        update={"seal_bytes": 100, "seal_after_s": 60.0}
    )
    accept(source, b"x" * 99)
    assert sweep.sweep() == []
    accept(source, b"y")
    assert len(sweep.sweep()) == 1
    Job.objects.all().delete()
    Batch.objects.filter(length=99).delete()
    assert sweep.sweep() == []
    Batch.objects.update(received=jobs._now() - 2 * sweep.GRACE)
    assert len(sweep.sweep()) == 1
