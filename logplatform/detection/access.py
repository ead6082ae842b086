"""Which anomalies somebody may see: those of the sources that they see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logplatform.accounts.errors import NotVisibleError
from logplatform.detection.models import Anomaly
from logplatform.logs.access import visible_sources

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from logplatform.accounts.access import Identity, Permission


def visible_anomalies(identity: Identity, permission: Permission) -> QuerySet[Anomaly]:
    """Return the anomalies of the sources for which ``identity`` has a permission."""
    sources = visible_sources(identity, permission)
    return Anomaly.objects.filter(source__in=sources).select_related("source")


def get_anomaly(identity: Identity, anomaly_id: int, *, permission: Permission) -> Anomaly:
    """Return one anomaly, or raise `NotVisibleError`."""
    visible = visible_anomalies(identity, permission).select_related("source", "version")
    found = visible.filter(pk=anomaly_id).first()
    if found is None:
        raise NotVisibleError(f"no anomaly {anomaly_id}")
    return found
