"""Records in the words of OpenTelemetry: attribute names, severities, body.

Names are those of its semantic conventions and of its log data model. A field that these
do not know keeps its own name. Nothing is read from templates here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from logscan import Level, Span, TimeOrigin, span_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logscan import RecordBatch
    from valb.templates import Annotation

# The lowest number of each range of the log data model.
SEVERITIES = {
    Level.TRACE: 1,
    Level.DEBUG: 5,
    Level.INFO: 9,
    Level.WARN: 13,
    Level.ERROR: 17,
    Level.FATAL: 21,
}
_TABLE = {
    "host.name": "host hostname host_name node",
    "process.pid": "pid process_id",
    "thread.id": "tid thread_id",
    "thread.name": "thread thread_name",
    "code.function.name": "function func funcName",
    "code.line.number": "lineno line_number",
    "code.file.path": "file filename",
    "client.address": "client client_ip client_addr remote_addr",
    "user.name": "user username user_name",
    "http.request.method": "method http_method request_method",
    "http.response.status_code": "status status_code http_status",
    "http.response.body.size": "bytes body_bytes_sent bytes_sent",
    "url.path": "path",
    "url.full": "url uri",
    "user_agent.original": "agent user_agent",
    "http.request.header.referer": "referer referrer",
    "network.protocol.name": "protocol",
    "server.address": "server server_name",
    "trace_id": "trace traceid trace_id",
    "span_id": "span spanid span_id",
    "exception.type": "exception error_type",
    "service.name": "service app application",
    "session.id": "session session_id sessionid",
}
_NAMES = {name: attribute for attribute, names in _TABLE.items() for name in names.split()}
_INTEGER = re.compile(rb"-?[0-9]{1,18}")
# These are numbers by the conventions; every other value is a string as it stands.
_NUMBERS = {
    "process.pid",
    "thread.id",
    "code.line.number",
    "http.response.status_code",
    "http.response.body.size",
}


def attribute_name(field: str) -> str:
    """Give the attribute that a header field or key is."""
    return _NAMES.get(field, field)


def records(batch: RecordBatch, annotation: Annotation) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each record's number in the batch and its fields, structure by structure."""
    for index, named in enumerate(annotation.named):
        template = annotation.templates[int(annotation.template[index])]
        rows = batch.rows(index)
        outside = [(attribute_name(n.name), span_values(batch, index, n.span)) for n in named]
        bodies = span_values(batch, index, _message(batch, index))
        for k, row in enumerate(rows.tolist()):
            attributes: dict[str, Any] = {
                "log.record.template": template.text,
                "log.record.template.id": template.id,
            }
            attributes.update((name, _value(name, column[k])) for name, column in outside)
            yield (
                row,
                _header(batch, row) | {"body": _text(bodies[k]), "attributes": attributes},
            )


def _message(batch: RecordBatch, index: int) -> Span:
    structure = batch.structures[index]
    (first, left), (last, right) = structure.message_start, structure.message_end
    return Span(2 * first, left, 2 * last, len(structure.constants[last]) - right)


def _header(batch: RecordBatch, row: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if batch.time_origin[row] != TimeOrigin.RECEIPT:
        found["time_unix_nano"] = int(batch.time_ns[row])
    level = Level(int(batch.level[row]))
    if level is not Level.NONE:
        found |= {"severity_number": SEVERITIES[level], "severity_text": level.name}
    component = int(batch.component[row])
    if component >= 0:
        found["scope"] = {"name": _text(batch.components[component])}
    return found


def _value(name: str, value: bytes) -> str | int:
    if name in _NUMBERS and _INTEGER.fullmatch(value):
        return int(value)
    return _text(value)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")
