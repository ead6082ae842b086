"""Registers the logs app and its system checks."""

from django.apps import AppConfig


class LogsConfig(AppConfig):
    """Sources, batches, segments, templates, counts and jobs."""

    name = "logplatform.logs"
    label = "logs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks once the settings are complete."""
        from logplatform.logs import checks  # noqa: F401  (registers itself on import)
