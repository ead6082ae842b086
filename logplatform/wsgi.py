"""The WSGI application that granian serves."""

from __future__ import annotations

from django.core.handlers.wsgi import WSGIHandler

from logplatform import config
from logplatform.lifeline import end_with_parent

# granian's own worker outlives a killed parent, and keeps its port.
end_with_parent()
config.start_django()
application = WSGIHandler()
