"""logzip: lossless compression of logs into segments that are searched as they lie."""

from logzip.errors import BadPattern, CorruptSegment, LogzipError, UnsupportedVersion
from logzip.files import FoundLine, open, search  # noqa: A004  as in gzip
from logzip.footer import BlockInfo, SegmentInfo
from logzip.reader import Block, Segment, decompress_stream
from logzip.writer import SegmentWriter, compress_stream

__all__ = [
    "BadPattern",
    "Block",
    "BlockInfo",
    "CorruptSegment",
    "FoundLine",
    "LogzipError",
    "Segment",
    "SegmentInfo",
    "SegmentWriter",
    "UnsupportedVersion",
    "compress_stream",
    "decompress_stream",
    "open",
    "search",
]
