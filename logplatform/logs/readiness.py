"""What has to work before lines can be accepted: database, folders, room."""

from __future__ import annotations

import os
import shutil

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor


def unready() -> list[str]:
    """Return one sentence for each thing that is missing, none where all is well."""
    return [*_database(), *_folders()]


def lacks_migrations() -> bool:
    """Say whether the database's tables are older than the program."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _database() -> list[str]:
    try:
        if lacks_migrations():
            return ["database: migrations are missing; run `logplatform up` or `doctor`"]
    except DatabaseError as error:
        return [f"database: {error}"]
    return []


def _folders() -> list[str]:
    folders = (settings.HOME.wal, settings.HOME.segments, settings.HOME.annotators)
    missing = [f"{path}: cannot be written" for path in folders if not os.access(path, os.W_OK)]
    if not missing:
        free = shutil.disk_usage(settings.HOME.wal).free
        if free < settings.CONFIG.disk_reserve_bytes:
            missing.append(f"{settings.HOME.root}: only {free} bytes are free")
    return missing
