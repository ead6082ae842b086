"""logzip: lossless compression of logs into segments that are searched as they lie."""

from logzip.errors import BadPattern, CorruptSegment, LogzipError, UnsupportedVersion
from logzip.footer import BlockInfo, SegmentInfo
from logzip.reader import Block, Segment, decompress_stream
from logzip.writer import SegmentWriter, compress_stream

__all__ = [
    "BadPattern",
    "Block",
    "BlockInfo",
    "CorruptSegment",
    "LogzipError",
    "Segment",
    "SegmentInfo",
    "SegmentWriter",
    "UnsupportedVersion",
    "compress_stream",
    "decompress_stream",
]
