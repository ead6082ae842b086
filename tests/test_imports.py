"""What the processes of the platform load: the heavy libraries only where they work."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

HEAVY = ("torch", "transformers", "sklearn", "scipy", "numba", "openai")


def loaded_by(program, home):
    environment = os.environ | {
        "LOGPLATFORM_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "logplatform.settings",
    }
    check = f"{program}\nimport sys\nprint([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", check],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "program",
    [
        "from django.test import Client\n"
        "from logplatform.wsgi import application\n"
        "import django.urls; django.urls.get_resolver().url_patterns",
        "import logplatform.celery, logplatform.cli\n"
        "import django; django.setup()\n"
        "import logplatform.tasks",
        "import logscan, logzip, logzip.cli",
        "import valb",
    ],
    ids=["web", "worker", "archive", "patterns"],
)
def test_process_starts_without_heavy_libraries(program, tmp_path):
    assert loaded_by(program, tmp_path) == "[]"
