"""The command ``logzip``, with zstd's manners: files, pipes, and questions to a segment.

Exit codes: 0 done, 1 nothing found (grep), 2 usage, 3 bad input. What was asked wrong or came
wrong is one line on standard error.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from logzip import completion
from logzip.errors import BadPattern, LogzipError
from logzip.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from logzip.footer import SegmentInfo

DONE, NOT_FOUND, USAGE, BAD_INPUT = 0, 1, 2, 3
SUFFIX = ".lgz"
COMMANDS = ("grep", "cat", "export", "info", "test", "completion")
EPILOG = (
    "logzip grep PATTERN FILE.lgz ... searches, logzip cat FILE.lgz prints, logzip export "
    "FILE.lgz writes Parquet or JSON, logzip info FILE.lgz describes, logzip test FILE.lgz "
    "checks a segment; each has --help."
)


class _UsageError(Exception):
    """What was asked for cannot be done."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # Someone who closes our pipe early, as head does, is no error of ours.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    if given[:1] and given[0] in COMMANDS:
        return _guarded(lambda: _ask(given), given[0])
    return _guarded(lambda: _convert(_file_options(given)), "logzip")


def _guarded(action: Callable[[], int], name: str) -> int:
    """Run an action; what goes wrong becomes one line and an exit code."""
    try:
        return action()
    except (_UsageError, BadPattern) as error:
        return _fail(str(error), USAGE)
    except LogzipError as error:
        return _fail(str(error), BAD_INPUT)
    except OSError as error:
        return _fail(f"{error.filename or name}: {error.strerror or error}", BAD_INPUT)
    except KeyboardInterrupt:
        return _fail("interrupted", 128 + signal.SIGINT)


def _fail(message: str, code: int) -> int:
    sys.stderr.write(f"logzip: {' '.join(message.split())}\n")
    return code


def _file_options(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="logzip", description="Compress and decompress logs.", epilog=EPILOG
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="none or -: standard input")
    parser.add_argument("-d", "--decompress", action="store_true", help="decompress")
    parser.add_argument("-c", "--stdout", action="store_true", help="to standard output")
    parser.add_argument("-o", metavar="OUT", dest="out", help="write to OUT")
    parser.add_argument(
        "--level", choices=("fast", "default", "max"), default="default", help="of compression"
    )
    _add_threads(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="print no summary")
    parser.add_argument("-f", "--force", action="store_true", help="overwrite what is there")
    kept = parser.add_mutually_exclusive_group()
    kept.add_argument("-k", "--keep", action="store_true", help="keep FILE (the default)")
    kept.add_argument(
        "--rm", action="store_true", help="remove FILE once its output is on disk"
    )
    options = parser.parse_args(given)
    options.files = options.files or ["-"]
    if options.out and (options.stdout or len(options.files) > 1):
        raise _UsageError("-o takes one input, and no -c beside it")
    return options


def _add_threads(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-T", metavar="N", dest="threads", type=_threads, default=_threads("0"),
        help="threads; 0, the default, for one on each core",
    )  # fmt: skip


def _threads(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of threads")
    return int(text) or len(os.sched_getaffinity(0))


def _convert(options: argparse.Namespace) -> int:
    codes = [_guarded(partial(_convert_one, name, options), name) for name in options.files]
    return max(codes)


def _convert_one(name: str, options: argparse.Namespace) -> int:
    if name == "-":
        with _output(Path(options.out) if options.out else None, None, options) as out:
            _run(sys.stdin.buffer, out, options, time.time_ns())
        return DONE
    path = Path(name)
    if path.is_dir():
        raise _UsageError(f"{name}: is a directory")
    target = _target(path, options)
    with path.open("rb") as source, _output(target, path, options) as out:
        shown = None if options.quiet else Progress(name, path.stat().st_size, sys.stderr)
        watched = source if shown is None else shown.watch(source)
        info = _run(watched, out, options, path.stat().st_mtime_ns)
        if shown is not None:
            shown.clear()
    if options.rm and target is not None:
        path.unlink()
    if not options.quiet and target is not None:
        _print_summary(name, str(target), info)
    return DONE


def _run(
    source: BinaryIO, target: BinaryIO, options: argparse.Namespace, received_ns: int
) -> SegmentInfo:
    # Imported here: `logzip --help` need not wait for numpy.
    from logzip.memory import keep_memory
    from logzip.reader import decompress_stream
    from logzip.writer import compress_stream

    keep_memory()
    if options.decompress:
        return decompress_stream(source, target, threads=options.threads)
    return compress_stream(
        source,
        target,
        level=options.level,
        threads=options.threads,
        received_ns=received_ns,
        processes=True,
    )


def _print_summary(name: str, written: str, info: SegmentInfo) -> None:
    ratio = info.raw_bytes / info.stored_bytes
    sys.stderr.write(
        f"{name}: {info.raw_bytes} bytes, {info.stored_bytes} compressed"
        f" ({ratio:.2f} to 1), {written}\n"
    )


def _target(path: Path, options: argparse.Namespace) -> Path | None:
    """Return where the output goes; ``None`` for standard output."""
    if options.stdout:
        return None
    if options.out:
        return Path(options.out)
    if not options.decompress:
        return path.with_name(path.name + SUFFIX)
    if path.suffix != SUFFIX:
        raise _UsageError(f"{path}: its name does not end in {SUFFIX}; say -o or -c")
    return path.with_suffix("")


@contextmanager
def _output(
    target: Path | None, source: Path | None, options: argparse.Namespace
) -> Iterator[BinaryIO]:
    """Open the output. A file appears under its name when it is complete and on disk."""
    if target is None:
        if sys.stdout.isatty() and not options.decompress and not options.force:
            raise _UsageError("compressed data is not written to a terminal; -f does it")
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if str(target) == os.devnull or (target.exists() and not target.is_file()):
        with target.open("wb") as special:
            yield special
        return
    if target.exists() and not options.force:
        raise _UsageError(f"{target}: exists already; -f overwrites it")
    with _atomic(target, source) as file:
        yield file


@contextmanager
def _atomic(target: Path, source: Path | None) -> Iterator[BinaryIO]:
    number, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(number, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if source is not None:
            shutil.copystat(source, name)
        else:
            Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink()
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _ask(given: list[str]) -> int:
    """Run a command that is not about a file of its own."""
    if given[0] == "grep":
        return _grep(given[1:])
    parser = argparse.ArgumentParser(prog=f"logzip {given[0]}")
    if given[0] == "completion":
        parser.add_argument("shell", choices=completion.SHELLS)
        sys.stdout.write(completion.script(parser.parse_args(given[1:]).shell))
        return DONE
    parser.add_argument("file", metavar="FILE.lgz")
    if given[0] == "cat":
        parser.add_argument("--lines", metavar="A:B", type=_line_range, default=(1, None))
        options = parser.parse_args(given[1:])
        return _cat(options.file, *options.lines)
    if given[0] == "export":
        parser.add_argument(
            "--format", choices=("raw", "ndjson", "parquet"), default="ndjson", dest="kind"
        )
        parser.add_argument("-o", metavar="OUT", dest="out", help="write to OUT")
        parser.add_argument(
            "-f", "--force", action="store_true", help="overwrite what is there"
        )
        return _export(parser.parse_args(given[1:]))
    if given[0] == "test":
        _add_threads(parser)
        options = parser.parse_args(given[1:])
        return _test(options.file, options.threads)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--costs", action="store_true", help="what each structure and its columns take"
    )
    options = parser.parse_args(given[1:])
    return _info(options.file, as_json=options.json, costs=options.costs)


def _line_range(text: str) -> tuple[int, int | None]:
    first, colon, last = text.partition(":")
    if not colon or not (first or "1").isdigit() or not (last or "1").isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no range of lines, as in 10:20")
    low, high = int(first or 1), int(last) if last else None
    if low < 1 or (high is not None and high < low):
        raise argparse.ArgumentTypeError(f"{text!r}: lines count from 1 and rise")
    return low, high


def _cat(name: str, first: int, last: int | None) -> int:
    """Print lines ``first`` to ``last``, both included; blocks without them are not read."""
    from logzip.reader import Segment

    with Segment.open(name) as segment:
        for text in segment.lines(first, last):
            sys.stdout.buffer.write(text)
    sys.stdout.buffer.flush()
    return DONE


def _export(options: argparse.Namespace) -> int:
    """Write a segment's records in another format."""
    from logzip.export import export
    from logzip.reader import Segment

    options.decompress = options.kind != "parquet"  # the others are text: a terminal shows them
    target = Path(options.out) if options.out else None
    with Segment.open(options.file) as segment, _output(target, None, options) as out:
        export(segment, out, options.kind)
    return DONE


def _grep(given: list[str]) -> int:
    from logzip import grep
    from logzip.reader import Segment

    # -h is grep's: print no names.
    parser = argparse.ArgumentParser(prog="logzip grep", add_help=False)
    parser.add_argument("--help", action="help", help="show this help")
    grep.add_arguments(parser)
    _add_threads(parser)
    options = parser.parse_args(grep.arguments_joined(given))
    asked = grep.question(options, is_terminal=sys.stdout.isatty())

    def search(name: str) -> int:
        with Segment.open(name) as segment:
            return DONE if grep.run(options, asked, segment, sys.stdout.buffer) else NOT_FOUND

    codes = [_guarded(partial(search, name), name) for name in options.files]
    sys.stdout.buffer.flush()
    failed = [code for code in codes if code > NOT_FOUND]
    return max(failed) if failed else min(codes)


def _info(name: str, *, as_json: bool, costs: bool) -> int:
    from logzip.costs import describe_costs
    from logzip.description import describe
    from logzip.reader import Segment

    with Segment.open(name) as segment:
        about = describe_costs if costs else describe
        sys.stdout.write(about(segment, as_json=as_json))
    return DONE


def _test(name: str, threads: int) -> int:
    """Decompress to nowhere: every checksum is checked, and every record rendered."""
    from logzip.reader import decompress_stream

    with Path(name).open("rb") as source, Path(os.devnull).open("wb") as nowhere:
        info = decompress_stream(source, nowhere, threads=threads)
    sys.stdout.write(f"{name}: ok, {info.n_records} records, {info.raw_bytes} bytes\n")
    return DONE
