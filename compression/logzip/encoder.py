"""One block: a `RecordBatch` to the bytes that stand in the file.

What the bytes mean is in docs/format.md; the way back is `logzip.decoder`, and every block is
taken that way before it is written.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import xxhash

from logscan import structure_hashes
from logzip._structures import encode_structure_ids, encode_table
from logzip._values import rendered_size
from logzip.context import encode_context
from logzip.decoder import Block, raw_table, record_edges
from logzip.errors import CorruptSegment
from logzip.format import BlockTag, checksum, put_varint
from logzip.ints import encode_ints
from logzip.runs import Kind, StreamWriter, layout, pack_run, zstd_whole_size
from logzip.values import encode_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from logscan.batch import RecordBatch, StructureTable
    from logzip.runs import Level

N_CODES = 254  # structures with a code of one byte
# Columns at most this share of what zstd -5 makes of the raw block are kept without trying how
# small the level's own zstd would make it, which takes longer than all the rest.
PROBE_LEVEL, CLEARLY_SMALLER = 5, 0.8
# Where they are much smaller than a stretch from the middle promises, not even that is tried.
PROBE_BYTES, MUCH_SMALLER = 1 << 19, 0.5
# So short a block is coded as `max` does, in some hundredths of a second: zstd is behind
# xz where there is little to learn from. Who keeps the columns writes many short blocks.
SHORT_BYTES = 1 << 18
CONTEXT_FIELDS = ("structure", "time_ns", "time_origin", "level", "component", "lines")


def encode_block(
    batch: RecordBatch, raw: bytes, level: Level, *, keep_columns: bool = False
) -> bytes:
    """Return the block of ``batch``, whose bytes are ``raw``.

    The block is decoded and rendered from the very bytes that are returned. Where the columns
    don't give ``raw`` back, or take more room than ``raw`` compressed as it is, the block
    holds ``raw`` itself; with ``keep_columns`` only where they don't give it back.
    """
    if len(raw) <= SHORT_BYTES and not keep_columns:
        level = replace(level, xz=True)
    block = b""
    if int(batch.first_value[-1]) <= len(raw):
        block = _pack(BlockTag.COLUMNS, _encode_columns(batch, level), batch, raw, level)
        if not _is_exact(block, batch, raw):
            block = b""
    if block and keep_columns:
        return block
    if block and _is_clearly_smaller(block, raw):
        return block
    plain = _pack(BlockTag.RAW, _encode_raw(batch, raw), batch, raw, level)
    return block if block and len(block) <= len(plain) else plain


def _is_clearly_smaller(block: bytes, raw: bytes) -> bool:
    """Tell whether ``block`` is less than zstd makes of ``raw``, without its last level."""
    if len(raw) > 4 * PROBE_BYTES:
        low = (len(raw) - PROBE_BYTES) // 2
        stretch = zstd_whole_size(raw[low : low + PROBE_BYTES], PROBE_LEVEL)
        if len(block) <= stretch * (len(raw) / PROBE_BYTES) * MUCH_SMALLER:
            return True
    return len(block) <= zstd_whole_size(raw, PROBE_LEVEL) * CLEARLY_SMALLER


def _is_exact(data: bytes, batch: RecordBatch, raw: bytes) -> bool:
    try:
        block = Block(data, "new block")
        exact = block.render() == raw and _is_same(block.batch, batch)
        block.drop()
    except CorruptSegment:
        return False
    return exact


def _is_same(decoded: RecordBatch, batch: RecordBatch) -> bool:
    return decoded.components == batch.components and all(
        np.array_equal(getattr(decoded, name), getattr(batch, name)) for name in CONTEXT_FIELDS
    )


def _encode_columns(batch: RecordBatch, level: Level) -> StreamWriter:
    out = StreamWriter(thorough=level.thorough, without=level.without)
    _encode_structures(batch.structures, out)
    _encode_ids(batch, out)
    encode_context(batch, out)
    out.varint(len(batch.time_format))
    out.plan += batch.time_format.encode()
    encode_values(batch, out)
    return out


def _encode_structures(table: StructureTable, out: StreamWriter) -> None:
    out.varint(len(table))
    text = encode_table(
        table.first_slot, table.kind, table.constants, table.constant_offset,
        table.message_start, table.message_end,
    )  # fmt: skip
    out.put(Kind.TEXT, text)
    stored = not np.array_equal(structure_hashes(table), table.hash)
    out.plan.append(stored)
    if stored:
        out.put(Kind.PLANES, table.hash.astype("<u8").tobytes())


def _encode_ids(batch: RecordBatch, out: StreamWriter) -> None:
    n = len(batch.structures)
    counts = np.bincount(batch.structure, minlength=n)
    frequent = np.sort(np.argsort(-counts, kind="stable")[:N_CODES])
    code = np.full(n, N_CODES + 1, dtype=np.uint8)
    code[frequent] = np.arange(1, len(frequent) + 1)
    codes, far = encode_structure_ids(batch.structure, code)
    if n > N_CODES:
        encode_ints(frequent.astype(np.uint64), out, Kind.IDS)
    out.put(Kind.IDS, codes.tobytes())
    out.varint(len(far))
    encode_ints(far, out, Kind.IDS)


def _encode_raw(batch: RecordBatch, raw: bytes) -> StreamWriter:
    """Keep the bytes as they are, the records' lengths and their context beside them."""
    out = StreamWriter()
    out.put(Kind.TEXT, raw)
    edges = rendered_edges(batch)
    by_lines = record_edges(raw, batch.lines)
    derived = by_lines is not None and np.array_equal(edges, by_lines)
    lengths = np.zeros(len(batch), dtype=np.int64) if derived else np.diff(edges)
    encode_ints(lengths.view(np.uint64), out)
    one = replace(batch, structures=raw_table(), structure=np.zeros(len(batch), dtype=np.int32))
    encode_context(one, out)
    return out


def rendered_edges(batch: RecordBatch) -> NDArray[np.int64]:
    """Return where each record of the batch starts in its bytes, and their end."""
    table = batch.structures
    return rendered_size(
        table.first_slot, table.constant_offset, batch.structure, batch.first_value,
        batch.value_start, batch.value_end,
    )  # fmt: skip


def _pack(
    tag: BlockTag, streams: StreamWriter, batch: RecordBatch, raw: bytes, level: Level
) -> bytes:
    """Put plan, directory and runs together, with header and checksums."""
    directory, runs = layout(streams.streams)
    meta = bytearray()
    put_varint(meta, len(streams.plan))
    meta += streams.plan
    meta += directory
    packed = [
        (len(data), *pack_run(data, kind, level))
        for kind, data in [(Kind.CONTEXT, bytes(meta)), *runs]
    ]
    header = bytearray()
    body = b"".join(stored for _, _, stored in packed)
    for number in (len(body), len(batch), int(batch.lines.sum()), len(raw)):
        put_varint(header, number)
    header += xxhash.xxh3_64_digest(raw)[::-1]
    put_varint(header, len(streams.streams))
    put_varint(header, len(packed))
    for size, method, stored in packed:
        header.append(method)
        put_varint(header, size)
        put_varint(header, len(stored))
        header += checksum(stored).to_bytes(4, "little")
    front = bytes([tag]) + len(header).to_bytes(4, "little") + header
    return front + checksum(front).to_bytes(4, "little") + body
