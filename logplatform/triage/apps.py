"""Registers the triage app."""

from django.apps import AppConfig


class TriageConfig(AppConfig):
    """Tasks, labels, verdicts, cases, models and the large language model."""

    name = "logplatform.triage"
    label = "triage"
    default_auto_field = "django.db.models.BigAutoField"
