"""`logzip grep` prints what GNU grep prints of the same bytes."""

import argparse
import io
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
import zstandard

from logzip import grep
from logzip.errors import BadPattern
from logzip.reader import Segment
from logzip.writer import compress_stream

SAMPLES = Path(__file__).parents[2] / "logplatform" / "logs" / "samples"
OWN = sorted(SAMPLES.glob("*.log.zst"))
# 200 of each in the terms; the others run with third-party data and in `make soak`.
FEW, MANY = 25, 200
CORPUS = ("loghub_Linux", "alibaba_LogQ", "spark")
CORPUS_BYTES = 6_000_000
TRACES = b"".join(
    b"2026-11-21 10:00:%02d,5 ERROR [main] shop.Web: failed %d\n  at a.b(C.java:%d)\n"
    % (n, n, n)
    for n in range(60)
)
ODD = b"\r\n\0a\0\n\xff\xfe\nno end \xc3\xa9 a\n\n\na a"


def gnu_grep(path, arguments, pattern):
    """Return the output and exit code of GNU grep on bytes."""
    done = subprocess.run(
        ["grep", "-a", *arguments, "-e", pattern, path],
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        check=False,
    )
    assert done.stderr == b""
    return done.stdout, done.returncode


def parsed(pattern, *arguments, threads=1):
    """Return what the command makes of its arguments."""
    parser = argparse.ArgumentParser(add_help=False)
    grep.add_arguments(parser)
    given = [*arguments, "-e", os.fsdecode(pattern), "one"]
    options = parser.parse_args(grep.arguments_joined(given))
    options.threads = threads
    return options


def grep_as_command(segment, pattern, *arguments, threads=1):
    options = parsed(pattern, *arguments, threads=threads)
    out = io.BytesIO()
    found = grep.run(options, grep.question(options, is_terminal=False), segment, out)
    return out.getvalue(), int(not found)


def logzip_grep(segment, pattern, *, regex=False, count=False, context=0, threads=1):
    arguments = ["-E"] * regex + ["-c"] * count + [f"-C{context}"]
    return grep_as_command(segment, pattern, *arguments, threads=threads)


def segment_of(data, level="fast"):
    out = io.BytesIO()
    compress_stream(io.BytesIO(data), out, level=level)
    return Segment.open(out)


def random_patterns(data, n, seed):
    """Yield texts cut from random lines: whole words, numbers, parts, and some that differ."""
    rng = np.random.default_rng(seed)
    lines = [line for line in data.split(b"\n") if line and b"\0" not in line]
    for index in range(n):
        line = lines[int(rng.integers(len(lines)))]
        words = line.split()
        kind = index % 4
        if kind == 0 and words:
            yield words[int(rng.integers(len(words)))]
            continue
        start = int(rng.integers(len(line)))
        size = int(rng.choice([1, 2, 3, 5, 8, 13, 30, 80]))
        part = line[start : start + size]
        yield part[::-1] if kind == 3 else part


def random_expressions(data, n, seed):
    """Yield expressions that grep -E and RE2 read alike."""
    rng = np.random.default_rng(seed)
    for part in random_patterns(data, n, seed):
        quoted = "".join(
            chr(byte) if chr(byte).isalnum() or byte in b" _-/:,=" else "."
            for byte in part[:20]
        )
        form = ("{0}", "^{0}", "{0}$", "{0}|zzz", "({0}){{1,2}}", "{1}[0-9]+", "{1}[^a-z]*{2}")[
            int(rng.integers(7))
        ]
        middle = len(quoted) // 2
        yield form.format(quoted, quoted[:middle], quoted[middle:]).encode()


def check_patterns(path, data, segment, n):
    for pattern in random_patterns(data, n, seed=n):
        context = 2 if len(pattern) > 5 else 0
        flags = ["-F"] + (["-C", str(context)] if context else [])
        expected, code = gnu_grep(path, flags, pattern)
        assert logzip_grep(segment, pattern, context=context) == (expected, code), pattern
        expected, code = gnu_grep(path, ["-F", "-c"], pattern)
        assert logzip_grep(segment, pattern, count=True) == (expected, code), pattern
    for pattern in random_expressions(data, n // 4, seed=n):
        expected, code = gnu_grep(path, ["-E"], pattern)
        assert logzip_grep(segment, pattern, regex=True) == (expected, code), pattern


@pytest.mark.parametrize("sample", OWN, ids=[path.name.split(".")[0] for path in OWN])
def test_random_patterns_give_the_lines_of_gnu_grep(sample, tmp_path):
    data = zstandard.ZstdDecompressor().decompressobj().decompress(sample.read_bytes())
    path = tmp_path / "log"
    path.write_bytes(data)
    check_patterns(path, data, segment_of(data), FEW)


@pytest.mark.soak
@pytest.mark.parametrize("name", CORPUS)
def test_random_patterns_on_third_party_logs_give_the_lines_of_gnu_grep(
    name, shared_data, tmp_path
):
    stream = zstandard.ZstdDecompressor().stream_reader(
        (shared_data / "corpus" / f"{name}.log.zst").read_bytes()
    )
    data = stream.read(CORPUS_BYTES)
    path = tmp_path / "log"
    path.write_bytes(data)
    check_patterns(path, data, segment_of(data, "default"), MANY)


@pytest.mark.parametrize("context", [0, 1, 3, 1000])
@pytest.mark.parametrize("pattern", [b"7", b"at a", b"failed 59", b"10:00:0", b"nothing", b""])
def test_lines_of_joined_records_are_printed_one_by_one(tmp_path, pattern, context):
    path = tmp_path / "log"
    path.write_bytes(TRACES)
    flags = ["-F"] + (["-C", str(context)] if context else [])

    expected = gnu_grep(path, flags, pattern)

    assert logzip_grep(segment_of(TRACES), pattern, context=context) == expected


@pytest.mark.parametrize("regex", [False, True])
@pytest.mark.parametrize("pattern", [b"a", b"\r", b"\xff", b"\xc3", b"a a", b" ", b"", b"q"])
def test_odd_bytes_and_a_missing_line_end_are_printed_as_grep_prints_them(
    tmp_path, pattern, regex
):
    path = tmp_path / "log"
    path.write_bytes(ODD)
    segment = segment_of(ODD)
    expected = gnu_grep(path, ["-E" if regex else "-F"], pattern)

    assert logzip_grep(segment, pattern, regex=regex) == expected
    assert logzip_grep(segment, pattern, regex=regex, count=True) == gnu_grep(
        path, ["-c", "-E" if regex else "-F"], pattern
    )


@pytest.mark.parametrize("context", [0, 2, 50])
@pytest.mark.parametrize("pattern", [b"number 17", b"number 99 ", b"line 3", b"0", b"none"])
def test_context_goes_over_the_borders_of_blocks(tmp_path, monkeypatch, pattern, context):
    data = b"".join(b"line %d of number %d here\n" % (n % 7, n) for n in range(400))
    path = tmp_path / "log"
    path.write_bytes(data)
    monkeypatch.setattr("logzip.writer.BLOCK_LINES", 30)
    segment = segment_of(data)
    assert len(segment.blocks) > 10
    flags = ["-F"] + (["-C", str(context)] if context else [])

    expected = gnu_grep(path, flags, pattern)

    for threads in (1, 3):
        assert logzip_grep(segment, pattern, context=context, threads=threads) == expected


@pytest.mark.parametrize(
    "flags",
    [
        ["-i"], ["-v"], ["-v", "-c"], ["-n"], ["-n", "-C2"], ["-v", "-n", "-C1"], ["-o"],
        ["-o", "-n"], ["-i", "-o"], ["-H"], ["-H", "-c"], ["-H", "-n", "-C1"], ["-l"], ["-q"],
        ["-h", "-n"], ["--color=always"], ["--color=always", "-n", "-H", "-C1"],
        ["--color=always", "-o"], ["-o", "-C2"], ["-w"], ["-x"], ["-w", "-o"], ["-w", "-v"],
        ["-w", "--color=always", "-i"], ["-A2"], ["-B2"], ["-A3", "-B1", "-n"], ["-C2", "-A0"],
        ["-m0"], ["-m2"], ["-m2", "-c"], ["-m3", "-v"], ["-m1", "-C1"], ["-m31", "-n"],
        ["-e", "10:00:1"], ["-e", "10:00:1", "-e", "C.java:5", "-o"], ["-w", "-e", "at"],
        ["-x", "-e", "  at a.b(C.java:7)"], ["-f", "list"], ["-w", "-f", "list", "-c"],
        ["-f", "none", "-c"], ["-f", "long", "-n"], ["-f", "long", "-o", "-i"],
    ],
    ids=" ".join,
)  # fmt: skip
@pytest.mark.parametrize("pattern", [b"FAILED 1", b"failed 1", b"at a", b"nothing"])
def test_flags_print_what_gnu_grep_prints(tmp_path, monkeypatch, flags, pattern):
    monkeypatch.setattr("logzip.writer.BLOCK_LINES", 30)
    monkeypatch.chdir(tmp_path)
    Path("log").write_bytes(TRACES)
    Path("list").write_text("failed 3\nC.java\n")
    Path("long").write_text("".join(f"failed {n}\n" for n in range(40)))
    Path("none").write_text("")
    segment = segment_of(TRACES)
    segment.name = "log"

    expected = gnu_grep("log", ["-F", *flags], pattern)

    assert grep_as_command(segment, pattern, *flags) == expected


@pytest.mark.parametrize(
    "flags", [["-w"], ["-x"], ["-w", "-o"], ["-e", "Web", "-c"]], ids=" ".join
)
@pytest.mark.parametrize(
    "pattern", [b"[0-9]+", b".*at.*", b"fail|failed [0-9]", b"-[0-9]+", b"^ *at"]
)
def test_whole_words_and_lines_of_expressions_are_those_of_gnu_grep(tmp_path, flags, pattern):
    path = tmp_path / "log"
    path.write_bytes(TRACES)

    expected = gnu_grep(path, ["-E", *flags], pattern)

    assert grep_as_command(segment_of(TRACES), pattern, "-E", *flags) == expected


def test_parts_that_an_expression_matches_are_printed_alone(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(TRACES)
    expected = gnu_grep(path, ["-E", "-o", "-i"], b"FAILED [0-9]*|c.java")

    assert (
        grep_as_command(segment_of(TRACES), b"FAILED [0-9]*|c.java", "-E", "-o", "-i")
        == expected
    )


def test_an_empty_segment_has_no_lines():
    assert logzip_grep(segment_of(b""), b"") == (b"", 1)
    assert logzip_grep(segment_of(b""), b"", count=True) == (b"0\n", 1)


def test_a_pattern_that_cannot_be_read_is_refused():
    segment = segment_of(TRACES)
    with pytest.raises(BadPattern, match="bad regular expression"):
        logzip_grep(segment, b"(", regex=True)
    with pytest.raises(BadPattern, match="0 or more"):
        logzip_grep(segment, b"a", context=-1)
