"""Registers the API app."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The REST API; it has no tables."""

    name = "logplatform.api"
    label = "api"
