"""Learning from corrections: how far a source is, begin, take back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from logplatform import tasks
from logplatform.accounts.access import Permission
from logplatform.api.authentication import identity_of
from logplatform.logs import access, lessons
from logplatform.logs.models import JobState

if TYPE_CHECKING:
    from rest_framework.request import Request

    from logplatform.logs.models import Lesson, Source


class LessonShape(serializers.Serializer[Any]):
    """What was learned at one time. One lesson of a source is in force at most."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    at = serializers.CharField()
    by = serializers.CharField(allow_blank=True, help_text="empty: begun by itself")
    corrections = serializers.IntegerField(help_text="edits that it learned from")
    templates = serializers.IntegerField(help_text="corrected templates that it learned from")
    changed = serializers.IntegerField(help_text="templates that it changed")
    in_force = serializers.BooleanField()
    ended_by = serializers.CharField(allow_blank=True, help_text="empty: the next lesson")
    ended_at = serializers.CharField(allow_null=True)


class LearningJobShape(serializers.Serializer[Any]):
    """The job that learns now."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(JobState.values)
    progress = serializers.FloatField()


class LearningShape(serializers.Serializer[Any]):
    """How far a source's learning is."""

    corrections = serializers.IntegerField(help_text="edits in force that say something")
    since = serializers.IntegerField(help_text="of these, later than the last lesson")
    begins_after = serializers.IntegerField(help_text="corrections after which it begins")
    job = LearningJobShape(allow_null=True)
    lessons = LessonShape(many=True, help_text="the last 20, newest first")


class LearningView(APIView):
    """What a source has learned."""

    @extend_schema(responses=LearningShape)
    def get(self, request: Request, source: str) -> Response:
        """Return corrections, lessons and the job that learns, if one does."""
        seen = access.get_source(identity_of(request), source, permission=Permission.READ)
        return Response(_learning_json(seen))

    @extend_schema(request=None, responses={202: LearningShape})
    def post(self, request: Request, source: str) -> Response:
        """Take what people corrected over to the source's other templates."""
        identity = identity_of(request)
        seen = access.get_source(identity, source, permission=Permission.EDIT)
        tasks.send_job(lessons.ask(seen, by=identity.user))
        return Response(_learning_json(seen), status=202)


class LessonUndoView(APIView):
    """One lesson, taken back."""

    @extend_schema(request=None, responses=LessonShape)
    def post(self, request: Request, lesson_id: int) -> Response:
        """Undo all that a lesson changed; what people did stays."""
        return _set(request, lesson_id, in_force=False)


class LessonRedoView(APIView):
    """One lesson, put back."""

    @extend_schema(request=None, responses=LessonShape)
    def post(self, request: Request, lesson_id: int) -> Response:
        """Put a lesson in force again, in the place of the one that is."""
        return _set(request, lesson_id, in_force=True)


def _set(request: Request, lesson_id: int, *, in_force: bool) -> Response:
    identity = identity_of(request)
    lesson = access.get_lesson(identity, lesson_id, permission=Permission.EDIT)
    if (lesson.ended is None) != in_force:
        name = identity.user.username if identity.user else ""
        lesson = lessons.set_in_force(lesson, in_force=in_force, name=name)
    return Response(_lesson_json(lesson))


def _learning_json(source: Source) -> dict[str, object]:
    found = lessons.learning_of(source)
    job = found.job
    return {
        "corrections": found.corrections,
        "since": found.since,
        "begins_after": lessons.LEARN_AFTER,
        "job": job and {"id": job.pk, "state": job.state, "progress": job.progress},
        "lessons": [_lesson_json(lesson) for lesson in found.lessons],
    }


def _lesson_json(lesson: Lesson) -> dict[str, object]:
    changed = lesson.edits.filter(undone_by=None).values("template").distinct()
    return {
        "id": lesson.pk,
        "number": lesson.number,
        "at": lesson.created.isoformat(),
        "by": lesson.author_name,
        "corrections": lesson.corrections,
        "templates": lesson.templates,
        "changed": changed.count(),
        "in_force": lesson.ended is None,
        "ended_by": lesson.ended_name,
        "ended_at": lesson.ended.isoformat() if lesson.ended else None,
    }
