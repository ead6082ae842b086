"""The WSGI application that granian serves."""

from __future__ import annotations

from django.core.handlers.wsgi import WSGIHandler

from logplatform import config

config.start_django()
application = WSGIHandler()
