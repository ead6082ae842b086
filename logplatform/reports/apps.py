"""Registers the reports app."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Rules, channels, deliveries, plans and reports."""

    name = "logplatform.reports"
    label = "reports"
    default_auto_field = "django.db.models.BigAutoField"
