"""The Celery application. Its tasks live in `logplatform.tasks`."""

from __future__ import annotations

import gc

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

    torch, which detectors need, takes seconds and 200 MB: so the first of them does not wait
    for it, and the processes of the pool share it. What is there for good is kept from the
    garbage collector, which would go through all of it at each full collection.
    """
    import torch  # noqa: F401

    import logplatform.logs.seal  # noqa: F401
    import valb.network  # noqa: F401

    gc.collect()
    gc.freeze()
