"""Registers the detection app."""

from django.apps import AppConfig


class DetectionConfig(AppConfig):
    """Detectors, anomalies, verdicts and mutes."""

    name = "logplatform.detection"
    label = "detection"
    default_auto_field = "django.db.models.BigAutoField"
