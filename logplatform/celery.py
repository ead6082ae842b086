"""The Celery application. Its tasks live in `logplatform.tasks`."""

from __future__ import annotations

from celery import Celery
from celery.signals import worker_init

from logplatform import config

config.choose_settings()

app = Celery("logplatform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["logplatform"])


@worker_init.connect  # type: ignore[untyped-decorator]
def load_engines(**_: object) -> None:
    """Import the engines before the pool forks.

    torch alone takes seconds and 200 MB: so the first seal does not wait for it, and the
    processes of the pool share it.
    """
    import logplatform.logs.seal  # noqa: F401
    import valb.tagger  # noqa: F401
