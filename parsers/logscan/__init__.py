"""Lines to columns: the scan that every engine of logplatform starts from."""

from logscan.batch import (
    Level,
    RecordBatch,
    SlotColumn,
    SlotKind,
    Span,
    Structure,
    StructureTable,
    TimeOrigin,
)
from logscan.errors import InputTooLarge, ScanError, TruncatedInput, UnknownFormat
from logscan.fields import Field, find_fields, header_shapes
from logscan.formats import (
    HEADER_FORMATS,
    Detection,
    count_matching,
    detect,
    detect_format,
    header_format,
)
from logscan.header import HeaderFormat
from logscan.inputs import open_input, read_blocks
from logscan.scan import intern_values, render, scan, scan_messages, structure_hashes
from logscan.spans import span_values

__all__ = [
    "HEADER_FORMATS",
    "Detection",
    "Field",
    "HeaderFormat",
    "InputTooLarge",
    "Level",
    "RecordBatch",
    "ScanError",
    "SlotColumn",
    "SlotKind",
    "Span",
    "Structure",
    "StructureTable",
    "TimeOrigin",
    "TruncatedInput",
    "UnknownFormat",
    "count_matching",
    "detect",
    "detect_format",
    "find_fields",
    "header_format",
    "header_shapes",
    "intern_values",
    "open_input",
    "read_blocks",
    "render",
    "scan",
    "scan_messages",
    "span_values",
    "structure_hashes",
]
