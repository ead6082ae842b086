"""The Celery application. Its tasks live in `logplatform.tasks`."""

from __future__ import annotations

from celery import Celery

from logplatform import config

config.choose_settings()

app = Celery("logplatform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["logplatform"])
