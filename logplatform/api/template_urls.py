"""The addresses of templates and what people do to them, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from logplatform.api import learning, templates

urlpatterns = [
    path("templates/<str:source>/<str:key>", templates.TemplateView.as_view()),
    path("templates/<str:source>/<str:key>/values", templates.TemplateValuesView.as_view()),
    path("templates/<str:source>/<str:key>/edits", templates.TemplateEditView.as_view()),
    path("template-edits", templates.EditListView.as_view()),
    path("template-edits/<int:edit_id>/undo", templates.EditUndoView.as_view()),
    path("template-edits/<int:edit_id>/redo", templates.EditRedoView.as_view()),
    path("sources/<str:source>/learning", learning.LearningView.as_view()),
    path("lessons/<int:lesson_id>/undo", learning.LessonUndoView.as_view()),
    path("lessons/<int:lesson_id>/redo", learning.LessonRedoView.as_view()),
]
