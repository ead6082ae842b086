"""Settings of the test suite: fast hashing, a home of its own for each process."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

# Set before the real settings are read; a test that starts `logplatform` gives its own home.
if "LOGPLATFORM_HOME" not in os.environ:
    os.environ["LOGPLATFORM_HOME"] = tempfile.mkdtemp(prefix="logplatform-test-")
    atexit.register(shutil.rmtree, os.environ["LOGPLATFORM_HOME"], ignore_errors=True)
os.environ.setdefault("LOGPLATFORM_SECRET_KEY", "test-only-secret-key")
os.environ.setdefault("LOGPLATFORM_ALLOWED_HOSTS", "127.0.0.1,localhost,testserver")

from logplatform.settings import *  # noqa: F403  (the base settings, then what differs)
from logplatform.settings import DATABASES, HOME

HOME.create()
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# SQLite's tests run on a file, as people's platforms do: threads have connections of their own.
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["TEST"] = {"NAME": HOME.root / "test.sqlite3"}
