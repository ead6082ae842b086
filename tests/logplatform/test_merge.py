"""The merge: fewer files, and every byte, count, hit and id as before."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logplatform.logs import catalog, jobs, merge, services, sweep
from logplatform.logs.errors import LeaseLostError, MergeRefusedError
from logplatform.logs.merge_choice import FANOUT, MERGED_BYTES, choose, tier_of
from logplatform.logs.models import (
    Batch,
    Job,
    JobKind,
    JobState,
    Segment,
    Source,
    TemplateCount,
)
from logplatform.logs.query import parse
from logplatform.logs.records import get_record
from logplatform.logs.search import count, search
from logplatform.logs.search_scope import Request
from tests.fakes import seal_now
from tests.shop_log import LINES, accept

MIB = 1 << 20


@pytest.mark.parametrize(
    ("sizes", "chosen"),
    [
        ([], range(0)),
        ([1000] * 7, range(0)),
        ([1000] * 8, range(8)),
        ([40 * MIB, *[1000] * 9, 40 * MIB], range(1, 10)),
        ([2 * MIB, 1000, 1000, *[2 * MIB] * 7], range(10)),
        ([200 * MIB] * 9, range(0)),
    ],
)
def test_neighbours_of_one_size_are_chosen(sizes, chosen):
    assert choose(sizes) == chosen


@given(st.lists(st.integers(1, 300 * MIB), max_size=60))
def test_a_choice_is_worth_its_writing(sizes):
    chosen = choose(sizes)
    picked = [sizes[at] for at in chosen]
    assert sum(picked) <= MERGED_BYTES
    if picked:
        largest = max(map(tier_of, picked))
        assert sum(tier_of(size) == largest for size in picked) >= FANOUT


def sealed_in_parts(source, parts):
    for part in parts:
        accept(source, part)
        seal_now(source)
    return list(Segment.objects.filter(source=source).order_by("sequence"))


def merged(source):
    return merge.run_merge_job(jobs.queue_job(JobKind.MERGE, source=source))


def parts_of(lines, size):
    return [b"".join(lines[low : low + size]) for low in range(0, len(lines), size)]


def answers(source):
    request = Request((source,), parse(""))
    typed = Request((source,), parse("duration:>300ms"))
    hits = search(request, limit=1000, newest_first=False).hits
    counts = TemplateCount.objects.filter(source=source).order_by("template", "minute", "level")
    sums: dict[tuple[int, int, int], int] = {}
    for row in counts:
        key = (row.template_id, row.minute, row.level)
        sums[key] = sums.get(key, 0) + row.count
    return hits, count(request)[0], count(typed)[0], sums


def test_everything_is_as_before(source, exported):
    old = sealed_in_parts(source, parts_of(LINES, 50))
    before = answers(source)
    stored = sum(segment.stored_bytes for segment in old)
    assert merged(source)
    after = answers(source)
    assert after == before
    assert exported(source) == b"".join(LINES)
    segment = Segment.objects.get()
    assert (segment.blocks, segment.records, segment.sequence) == (1, 600, old[-1].sequence)
    assert segment.stored_bytes < stored / 2
    for hit, line in list(zip(before[0], LINES, strict=True))[::71]:
        assert get_record(Source.objects.all(), hit.id).raw == line


def test_ids_from_before_the_seal_outlive_seal_and_merge(source):
    parts = parts_of(LINES[:200], 20)
    ids = []
    for part in parts:
        accept(source, part)
        ids += [hit.id for hit in search(Request((source,), parse("")), limit=20).hits[::-1]]
        seal_now(source)
    assert merged(source)
    waiting = [(at, name) for at, name in enumerate(ids) if name.startswith("b")]
    assert waiting
    for at, name in waiting[::13]:
        assert get_record(Source.objects.all(), name).raw == LINES[at]


def test_lines_are_sealed_after_a_merge_as_before_it(source, exported):
    sealed_in_parts(source, parts_of(LINES[:400], 50))
    assert merged(source)
    sealed_in_parts(source, parts_of(LINES[400:], 25))
    assert merged(source)
    assert [s.first_record for s in Segment.objects.order_by("sequence")] == [0]
    assert exported(source) == b"".join(LINES)
    hits = search(Request((source,), parse("")), limit=1000, newest_first=False).hits
    assert [hit.id for hit in hits] == [f"r{source.pk}.{at}" for at in range(600)]


def test_parts_without_a_line_end_stay_apart(source, exported):
    parts = [part.removesuffix(b"\n") for part in parts_of(LINES[:80], 10)]
    sealed_in_parts(source, parts)
    before = exported(source)
    assert merged(source)
    assert exported(source) == before == b"\n".join(parts)
    assert count(Request((source,), parse("")))[0] == 80


def test_bytes_that_are_no_log_are_merged_too(source, exported):
    # No NUL: PostgreSQL has none in text, and `seal_now`'s annotator writes what it reads.
    parts = [bytes(range(n + 1, 200)) * 5 + b"\n" for n in range(9)]
    sealed_in_parts(source, parts)
    before = answers(source)
    assert merged(source)
    assert answers(source) == before
    assert exported(source) == b"".join(parts)


def test_sweep_queues_the_merge_once_and_a_failed_one_waits_for_a_person(source):
    sealed_in_parts(source, parts_of(LINES, 75))
    sweep.sweep()
    sweep.sweep()
    job = Job.objects.get(kind=JobKind.MERGE)
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED)
    sweep.sweep()
    assert Job.objects.filter(kind=JobKind.MERGE).count() == 1
    assert merge.run_merge_job(jobs.retry_job(job))
    assert Segment.objects.count() == 1


def test_old_files_stay_for_searches_that_read_them_and_go_later(source):
    old = sealed_in_parts(source, parts_of(LINES, 75))
    assert merged(source)
    sweep.sweep()
    assert all(catalog.segment_path(segment).exists() for segment in old)
    for segment in old:
        os.utime(catalog.segment_path(segment), (0, 0))
    sweep.sweep()
    assert not any(catalog.segment_path(segment).exists() for segment in old)
    assert catalog.segment_path(Segment.objects.get()).exists()


def leased(source):
    lease = jobs.lease_job(jobs.queue_job(JobKind.MERGE, source=source))
    assert lease is not None
    return lease


def test_merge_that_would_change_an_answer_is_refused(source, exported):
    old = sealed_in_parts(source, parts_of(LINES, 75))
    old[0].records += 1
    with pytest.raises(MergeRefusedError, match="after the merge"):
        merge.merge(source, old, leased(source))
    assert Segment.objects.count() == len(old)
    assert exported(source) == b"".join(LINES)


def test_merge_whose_lease_was_lost_leaves_everything(source, home):
    old = sealed_in_parts(source, parts_of(LINES, 75))
    lease = leased(source)
    Job.objects.update(lease_until=jobs._now() - timedelta(seconds=1))
    leased(source)
    with pytest.raises(LeaseLostError):
        merge.merge(source, old, lease)
    assert Segment.objects.count() == len(old)
    assert len(list((home.segments / str(source.pk)).iterdir())) == len(old)


def test_deleted_source_takes_its_merge_along(source):
    old = sealed_in_parts(source, parts_of(LINES, 75))
    lease = leased(source)
    services.delete_source(Source.objects.get())
    with pytest.raises(LeaseLostError):
        merge.merge(source, old, lease)
    assert not Batch.objects.exists()
