"""Registers the triage app."""

from django.apps import AppConfig


class TriageConfig(AppConfig):
    """Tasks, labels, verdicts, cases, models and the large language model."""

    name = "logplatform.triage"
    label = "triage"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell searches where the labels of templates are."""
        # Models can be imported from here on only.
        from logplatform.logs import judgements
        from logplatform.triage.answers import labels_of, order_of

        judgements.register(labels_of, order_of)
