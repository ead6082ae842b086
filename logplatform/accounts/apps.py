"""Registers the accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, teams and API tokens."""

    name = "logplatform.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
