"""Registers the API app."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The REST API; it has no tables."""

    name = "logplatform.api"
    label = "api"

    def ready(self) -> None:
        """Make our Celery application the one that shared tasks are sent through."""
        from logplatform import celery  # noqa: F401  (current once it is imported)
