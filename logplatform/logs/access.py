"""Which sources, batches and jobs somebody may see: one function each, used by every door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logplatform.accounts.errors import NotVisibleError
from logplatform.logs.models import Batch, Job, Lesson, Source, TemplateEdit

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from logplatform.accounts.access import Identity, Permission


def visible_sources(identity: Identity, permission: Permission) -> QuerySet[Source]:
    """Return the sources for which ``identity`` has a permission."""
    identity.require(permission)
    sources = Source.objects.filter(team=identity.team)
    return sources if identity.source_id is None else sources.filter(pk=identity.source_id)


def get_source(identity: Identity, name: str, *, permission: Permission) -> Source:
    """Return one source by name, or raise `NotVisibleError`."""
    source = visible_sources(identity, permission).filter(name=name).first()
    if source is None:
        raise NotVisibleError(f"no source named {name}")
    return source


def get_batch(identity: Identity, batch_id: UUID, *, permission: Permission) -> Batch:
    """Return one batch, or raise `NotVisibleError`."""
    visible = visible_sources(identity, permission)
    batch = Batch.objects.filter(pk=batch_id, source__in=visible).first()
    if batch is None:
        raise NotVisibleError(f"no batch {batch_id}")
    return batch


def visible_jobs(identity: Identity, permission: Permission) -> QuerySet[Job]:
    """Return the jobs on the sources that ``identity`` sees."""
    visible = visible_sources(identity, permission)
    return Job.objects.filter(source__in=visible).select_related("source")


def get_job(identity: Identity, job_id: int, *, permission: Permission) -> Job:
    """Return one job, or raise `NotVisibleError`."""
    job = visible_jobs(identity, permission).filter(pk=job_id).first()
    if job is None:
        raise NotVisibleError(f"no job {job_id}")
    return job


def get_edit(identity: Identity, edit_id: int, *, permission: Permission) -> TemplateEdit:
    """Return one edit of a template, or raise `NotVisibleError`."""
    visible = visible_sources(identity, permission)
    found = TemplateEdit.objects.filter(pk=edit_id, source__in=visible)
    edit = found.select_related("source").first()
    if edit is None:
        raise NotVisibleError(f"no edit {edit_id}")
    return edit


def get_lesson(identity: Identity, lesson_id: int, *, permission: Permission) -> Lesson:
    """Return one lesson, or raise `NotVisibleError`."""
    visible = visible_sources(identity, permission)
    found = Lesson.objects.filter(pk=lesson_id, source__in=visible)
    lesson = found.select_related("source").first()
    if lesson is None:
        raise NotVisibleError(f"no lesson {lesson_id}")
    return lesson
