"""`logzip grep`: the lines of a segment that a pattern is in, as grep prints them.

Blocks are ruled out by the footer, records by `search`; here records become physical lines. As
for ``grep -a`` with ``LC_ALL=C``, a line is any bytes up to a line feed.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from logzip._values import gather
from logzip.errors import BadPattern
from logzip.lineprint import PLAIN, Line, Style, gap, named, printed
from logzip.ordered import in_order
from logzip.patterns import line_condition, lines_that_hold, matching_parts
from logzip.pruning import can_match
from logzip.search import match

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from numpy.typing import NDArray

    from logzip.patterns import LineCondition, Parts
    from logzip.reader import Segment

    Lines = NDArray[np.int64]


def add_arguments(parser: ArgumentParser) -> None:
    """Add what ``logzip grep`` takes."""
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument(
        "-F", dest="regex", action="store_false", default=False, help="a plain text (default)"
    )
    kind.add_argument("-E", dest="regex", action="store_true", help="a regular expression")
    for flags, name, text in (
        (("-i", "--ignore-case"), "ignore_case", "letters match in either case"),
        (("-v", "--invert-match"), "invert", "print the lines that don't match"),
        (("-c", "--count"), "count", "print how many lines match, not the lines"),
        (("-n", "--line-number"), "numbers", "print the number of each line"),
        (("-o", "--only-matching"), "only_matching", "print the matching parts only"),
        (("-l", "--files-with-matches"), "names_only", "print the names of files with a match"),
        (("-q", "--quiet"), "quiet", "print nothing; the exit code tells"),
    ):
        parser.add_argument(*flags, dest=name, action="store_true", help=text)
    whole = parser.add_mutually_exclusive_group()
    for flags, name, text in (
        (("-w", "--word-regexp"), "word", "a match is whole words"),
        (("-x", "--line-regexp"), "line", "a match is the whole line"),
    ):
        whole.add_argument(*flags, dest="whole", action="store_const", const=name, help=text)
    for flag, name, text in (
        ("-A", "after", "print N lines after hits"),
        ("-B", "before", "print N lines before hits"),
        ("-C", "context", "print N lines around hits"),
        ("-m", "at_most", "stop after N lines of a file"),
    ):
        parser.add_argument(flag, dest=name, metavar="N", type=int, help=text)
    parser.add_argument(
        "-e", dest="patterns", metavar="PATTERN", action="append", help="one pattern of several"
    )
    parser.add_argument(
        "-f",
        dest="lists",
        metavar="FILE",
        action="append",
        help="patterns, one a line; -: stdin",
    )
    names = parser.add_mutually_exclusive_group()
    names.add_argument(
        "-H", dest="names", action="store_true", default=None, help="print the file's name"
    )
    names.add_argument(
        "-h", dest="names", action="store_false", default=None, help="print no file names"
    )
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto")
    parser.add_argument("files", metavar="[PATTERN] FILE.lgz", nargs="+")


def arguments_joined(given: Sequence[str]) -> list[str]:
    """Write ``-e -x`` as ``-e-x``: argparse takes no value that begins as an option does."""
    joined: list[str] = []
    for text in given:
        if joined and joined[-1] == "-e" and text.startswith("-"):
            joined[-1] += text
        else:
            joined.append(text)
    return joined


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of each file, and how the answer is printed."""

    condition: LineCondition
    parts_of: Parts | None = None  # what a style that is not plain needs
    invert: bool = False
    before: int = 0  # lines to print before a hit, and after one
    after: int = 0
    at_most: int | None = None  # lines of a file
    style: Style = PLAIN
    threads: int = 1

    @property
    def is_hits_alone(self) -> bool:
        """Whether no lines around hits are asked for."""
        return self.before == self.after == 0


def question(options: Namespace, *, is_terminal: bool) -> Question:
    """Return what the command's options ask for; leave the files alone in ``options.files``.

    Raises
    ------
    BadPattern
        Also where a number is below 0, or nothing is left for a pattern or a file.
    OSError
        A list of patterns cannot be read.
    """
    for flag, name in (("A", "after"), ("B", "before"), ("C", "context"), ("m", "at_most")):
        if (given := getattr(options, name)) is not None and given < 0:
            raise BadPattern(f"-{flag} {given}: lines are 0 or more")
    patterns = _patterns(options)
    color = options.color == "always" or (options.color == "auto" and is_terminal)
    around = options.context or 0
    given = {"regex": options.regex, "ignore_case": options.ignore_case}
    whole = options.whole or ""
    return Question(
        line_condition(patterns, **given, whole=whole),
        matching_parts(patterns, **given, whole=whole),
        options.invert,
        around if options.before is None else options.before,
        around if options.after is None else options.after,
        options.at_most,
        Style(options.numbers, options.only_matching, color),
        options.threads,
    )


def _patterns(options: Namespace) -> list[bytes]:
    """Return the patterns of ``-e`` and ``-f``, or else the first of the names."""
    if options.patterns is None and options.lists is None:
        options.patterns = [options.files.pop(0)]
        if not options.files:
            raise BadPattern("a pattern and no FILE.lgz to look into")
    found = [text.encode("utf-8", "surrogateescape") for text in options.patterns or ()]
    for name in options.lists or ():
        listed = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        found += listed.removesuffix(b"\n").split(b"\n") if listed else []
    return found


def run(options: Namespace, asked: Question, segment: Segment, out: BinaryIO) -> bool:
    """Print what is asked of one segment; tell whether a line was found."""
    name = os.fsencode(segment.name)
    if options.names or (options.names is None and len(options.files) > 1):
        asked = replace(asked, style=replace(asked.style, name=name))
    if options.names_only or options.quiet:
        found = any(len(hits.lines) for hits in search(segment, asked))
        if found and not options.quiet:
            out.write(name + b"\n")
        return found
    if options.count:
        n = sum(len(hits.lines) for hits in search(segment, asked))
        text = b"%d\n" % n
        out.write(named(name, text, asked.style) if asked.style.name else text)
        return n > 0
    found = False
    for text in print_found(segment, asked):
        out.write(text)
        found = True
    return found


def count_lines(segment: Segment, condition: LineCondition, *, threads: int = 1) -> int:
    """Return how many lines of a segment match; records of one line are not rendered."""
    asked = Question(condition, threads=threads)
    return sum(len(hits.lines) for hits in search(segment, asked))


def print_lines(
    segment: Segment, condition: LineCondition, context: int, *, threads: int = 1
) -> Iterator[bytes]:
    """Yield the lines that match, and ``context`` lines around them, in order."""
    asked = Question(condition, before=context, after=context, threads=threads)
    yield from print_found(segment, asked)


def print_found(segment: Segment, asked: Question) -> Iterator[bytes]:
    """Yield what is printed of the lines that are found, in order."""
    last_line, style = -1, asked.style
    for hits, wanted in _with_context(search(segment, asked), asked):
        if not len(wanted):
            continue
        block = hits.block or _Lines(segment, hits.number)
        if asked.is_hits_alone and style.is_plain:
            yield block.text(wanted)
            continue
        pieces = block.printed(wanted)
        numbers = wanted + hits.first_line
        if not style.is_plain and asked.parts_of is not None:
            is_hit = np.isin(wanted, hits.lines).tolist()
            lines = map(Line, (numbers + 1).tolist(), pieces, is_hit)
            pieces = [printed(line, style, asked.parts_of) for line in lines]
        starts_run = np.diff(numbers, prepend=last_line) > 1
        starts_run[0] &= last_line >= 0
        gaps = (starts_run & (not asked.is_hits_alone)).tolist()
        yield b"".join(
            gap(style) + piece if far else piece
            for piece, far in zip(pieces, gaps, strict=True)
        )
        last_line = int(numbers[-1])


@dataclass(frozen=True, slots=True)
class BlockHits:
    """The lines of one block that match: their numbers in the block, from 0, rising."""

    number: int
    first_line: int  # of the block in the segment
    n_lines: int
    lines: Lines
    block: _Lines | None  # None where the footer ruled it out

    @property
    def end(self) -> int:
        """The line behind the block's last one, in the segment."""
        return self.first_line + self.n_lines

    def texts(self, segment: Segment) -> Iterator[tuple[int, bytes]]:
        """Yield each line's number in the segment, from 1, and its bytes."""
        if len(self.lines):
            block = self.block or _Lines(segment, self.number)
            numbers = (self.lines + self.first_line + 1).tolist()
            yield from zip(numbers, block.printed(self.lines), strict=True)


def search(segment: Segment, asked: Question) -> Iterator[BlockHits]:
    """Yield the hits of each block, in order; blocks are searched in parallel."""
    first_line = np.cumsum([0, *(info.n_lines for info in segment.blocks)]).tolist()

    def search_block(number: int) -> BlockHits:
        info = segment.blocks[number]
        block, lines = None, np.empty(0, np.int64)
        if can_match(info, asked.condition):
            block = _Lines(segment, number)
            lines = block.that_match(asked.condition)
        if asked.invert:
            others = np.ones(info.n_lines, bool)
            others[lines] = False
            lines = np.flatnonzero(others)
        return BlockHits(number, first_line[number], info.n_lines, lines, block)

    every = in_order(search_block, iter(range(len(segment.blocks))), asked.threads)
    for hits in every if asked.at_most is None else _first(every, asked.at_most, asked.after):
        yield hits
        # Who prints lines around hits comes back to blocks.
        if hits.block is not None and asked.is_hits_alone:
            hits.block.drop()


def _first(found: Iterator[BlockHits], at_most: int, after: int) -> Iterator[BlockHits]:
    """Yield the blocks up to a number of hits, and those that reach into what follows them."""
    left, end = at_most, after
    for hits in found:
        lines = hits.lines[:left]
        if left and len(lines):
            end = hits.first_line + int(lines[-1]) + after
        left -= len(lines)
        yield replace(hits, lines=lines)
        if left == 0 and hits.end > end:
            return


class _Lines:
    """The physical lines of one block."""

    def __init__(self, segment: Segment, number: int) -> None:
        self._block = segment.block(number)
        info = segment.blocks[number]
        self._one_each = info.n_lines == info.n_records

    @cached_property
    def _first_line(self) -> Lines:
        """The number of each record's first line, and the end of the last one."""
        if self._one_each:
            return np.arange(self._block.header.n_records + 1)
        counts = self._block.batch.lines
        return np.concatenate((np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)))

    def drop(self) -> None:
        """Free what was decoded."""
        self._block.drop()

    def that_match(self, condition: LineCondition) -> Lines:
        """Return the numbers of the lines that match; records of one line are not rendered."""
        rows = np.flatnonzero(match(self._block, condition))
        if self._one_each or not len(rows):
            return rows
        counts = self._first_line[rows + 1] - self._first_line[rows]
        several = rows[counts > 1]
        if not len(several):
            return self._first_line[rows]
        numbers, text, edges = self._rendered(several)
        found = lines_that_hold(condition, text, edges)
        return np.sort(np.concatenate((self._first_line[rows[counts == 1]], numbers[found])))

    def text(self, wanted: Lines) -> bytes:
        """Return some lines joined; they are not cut where they are all that was rendered."""
        rows = self._rows(wanted)
        n_lines = int((self._first_line[rows + 1] - self._first_line[rows]).sum())
        if n_lines == len(wanted):
            text = self._block.render(rows)
            return text if text.endswith(b"\n") else text + b"\n"
        numbers, text, edges = self._with_ends(wanted)
        place = np.searchsorted(numbers, wanted)
        return gather(text, edges[place], edges[place + 1], -1)

    def _rows(self, wanted: Lines) -> Lines:
        """Return the records that rising lines are in."""
        if self._one_each:
            return wanted
        rows = np.searchsorted(self._first_line, wanted, "right") - 1
        return rows[np.diff(rows, prepend=-1) > 0]

    def printed(self, wanted: Lines) -> list[bytes]:
        """Return some lines, each with a line end, as grep prints them."""
        return self._cut(wanted, *self._with_ends(wanted))

    def _with_ends(self, wanted: Lines) -> tuple[Lines, bytes, Lines]:
        """Render the records of some lines, a line end behind the very last one too."""
        numbers, text, edges = self._rendered(self._rows(wanted))
        if not text.endswith(b"\n"):
            text += b"\n"
            edges[-1] += 1
        return numbers, text, edges

    @staticmethod
    def _cut(wanted: Lines, numbers: Lines, text: bytes, edges: Lines) -> list[bytes]:
        place = np.searchsorted(numbers, wanted)
        pairs = zip(edges[place].tolist(), edges[place + 1].tolist(), strict=True)
        return [text[low:high] for low, high in pairs]

    def _rendered(self, rows: Lines) -> tuple[Lines, bytes, Lines]:
        """Render records; return their lines' numbers, the text, and the lines' edges."""
        text = self._block.render(rows)
        ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n")) + 1
        if not text.endswith(b"\n"):
            ends = np.append(ends, len(text))
        first = self._first_line[rows]
        counts = self._first_line[rows + 1] - first
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        numbers = np.repeat(first, counts) + within
        return numbers, text, np.concatenate((np.zeros(1, np.int64), ends))


def _with_context(
    found: Iterator[BlockHits], asked: Question
) -> Iterator[tuple[BlockHits, Lines]]:
    """Yield each block's hits with the lines to print, numbered in the block.

    A block waits until all blocks are searched whose hits have lines of it before them.
    """
    waiting: list[BlockHits] = []
    near: list[Lines] = []  # hits in the segment that a waiting block has lines around
    for hits in found:
        waiting.append(hits)
        near.append(hits.lines + hits.first_line)
        end = hits.end
        while waiting and (first := waiting[0]).end + asked.before <= end:
            yield first, _wanted(first, near, asked)
            waiting.pop(0)
            near = [part[part >= first.end - asked.after] for part in near]
    for first in waiting:
        yield first, _wanted(first, near, asked)


def _wanted(hits: BlockHits, near: list[Lines], asked: Question) -> Lines:
    """Return the lines of a block that are to be printed: hits and those around them."""
    if asked.is_hits_alone:
        return hits.lines
    around = np.concatenate(near) - hits.first_line
    around = around[(around >= -asked.after) & (around < hits.n_lines + asked.before)]
    step = np.zeros(hits.n_lines + 1, np.int64)
    np.add.at(step, np.clip(around - asked.before, 0, hits.n_lines), 1)
    np.add.at(step, np.clip(around + asked.after + 1, 0, hits.n_lines), -1)
    return np.flatnonzero(np.cumsum(step)[:-1] > 0)
