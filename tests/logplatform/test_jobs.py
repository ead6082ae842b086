"""Job rows: one holder at a time, and no job is ever stuck or lost."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection

from logplatform.logs import jobs, seal, services, sweep
from logplatform.logs.errors import DeadlyJobError, LeaseLostError
from logplatform.logs.models import BatchState, Job, JobKind, JobState


@pytest.fixture
def job(source):
    return jobs.queue_seal(source)


def leased(job):
    lease = jobs.lease_job(job)
    assert lease is not None
    return lease


def test_source_has_one_open_job(source, job):
    assert jobs.queue_seal(source) == job
    leased(job)
    assert jobs.queue_seal(source) == job
    assert Job.objects.count() == 1


def test_finished_job_makes_room_for_the_next(source, job):
    leased(job).finish()
    assert jobs.queue_seal(source) != job


def test_job_is_leased_once(job):
    leased(job)
    assert jobs.lease_job(job) is None


def test_overdue_job_is_taken_over_and_its_first_holder_knows(job):
    first = leased(job)
    Job.objects.update(lease_until=jobs._now() - timedelta(seconds=1))
    second = leased(job)
    with pytest.raises(LeaseLostError):
        first.renew(0.5)
    first.finish()
    second.renew(0.5)
    row = Job.objects.get()
    assert row.state == JobState.RUNNING
    assert row.progress == 0.5


def test_failed_attempt_waits_longer_each_time(job):
    waits = []
    for _ in range(jobs.MAX_ATTEMPTS - 1):
        leased(job).give_up("cause", is_transient=False)
        row = Job.objects.get()
        assert row.state == JobState.QUEUED
        assert row.error == "cause"
        assert jobs.lease_job(job) is None
        waits.append((row.not_before - jobs._now()).total_seconds())
        Job.objects.update(not_before=jobs._now())
    assert all(later > 1.5 * sooner for sooner, later in pairwise(waits))
    leased(job).give_up("cause", is_transient=False)
    assert Job.objects.get().state == JobState.FAILED


def test_cause_outside_the_data_is_tried_for_ever(job):
    for _ in range(2 * jobs.MAX_ATTEMPTS):
        leased(job).give_up("disk full", is_transient=True)
        Job.objects.update(not_before=jobs._now())
    assert Job.objects.get().state == JobState.QUEUED


def test_job_of_a_dead_process_is_free_at_once(job):
    leased(job)
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    host = jobs.owner().split(":")[0]
    Job.objects.update(owner=f"{host}:{child.pid}")
    assert sweep.sweep() == [job]
    assert jobs.lease_job(job) is not None


def overdue():
    Job.objects.update(lease_until=jobs._now() - timedelta(seconds=1))


def test_job_that_kills_its_workers_is_given_up(source, job):
    (batch,) = services.accept_batch(source, b"a line\n").batches
    for _ in range(jobs.MAX_DEATHS + 1):
        assert jobs.lease_job(job) is not None
        overdue()
    with pytest.raises(DeadlyJobError, match="workers died"):
        seal.run_seal_job(job)
    row = Job.objects.get()
    assert row.state == JobState.FAILED
    assert "workers died" in row.error
    batch.refresh_from_db()
    assert batch.state == BatchState.FAILED


def test_failures_without_death_do_not_make_a_job_deadly(job):
    for _ in range(2 * jobs.MAX_DEATHS):
        leased(job).give_up("disk full", is_transient=True)
        Job.objects.update(not_before=jobs._now())
    assert Job.objects.get().deaths == 0


def test_jobs_of_no_source_are_one_per_subject(source):
    first = jobs.queue_job(JobKind.SEAL, subject="a")
    assert jobs.queue_job(JobKind.SEAL, subject="a") == first
    assert jobs.queue_job(JobKind.SEAL, subject="b") != first


def test_job_of_a_living_process_or_another_host_is_left_alone(job):
    leased(job)
    assert sweep.sweep() == []
    Job.objects.update(owner="elsewhere:1")
    assert sweep.sweep() == []
    assert jobs.lease_job(job) is None


def test_old_jobs_are_forgotten(job):
    leased(job).finish()
    jobs.forget_done()
    assert Job.objects.exists()
    Job.objects.update(finished=jobs._now() - 2 * jobs.KEEP_DONE)
    jobs.forget_done()
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_gets_the_job(home, team):
    source = services.create_source(team=team, name="shop")
    barrier = threading.Barrier(8)

    def work(_):
        barrier.wait(10)
        try:
            return jobs.lease_job(jobs.queue_seal(source))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        leases = list(pool.map(work, range(8)))
    assert sum(lease is not None for lease in leases) == 1
    assert Job.objects.count() == 1
