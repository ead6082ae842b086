"""System checks of the deployment: misspelt settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.checks import CheckMessage, Error, register

from logplatform import config

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.apps import AppConfig


@register()
def check_environment(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001  (Django's signature)
    **_: object,
) -> list[CheckMessage]:
    """Report ``LOGPLATFORM_*`` variables that no setting reads."""
    return [
        Error(f"{name} is not a setting", hint="See docs/operations.md.", id="logplatform.E001")
        for name in config.unknown_variables()
    ]
