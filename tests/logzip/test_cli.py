"""The command: files, pipes, exit codes, one line for what went wrong."""

import io
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from logzip.cli import main
from tests.logzip.shop_lines import shop_log

LOG = shop_log(200)


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "shop.log"
    path.write_bytes(LOG)
    return path


def command(*arguments, given=b""):
    return subprocess.run(
        [sys.executable, "-m", "logzip", *map(str, arguments)],
        input=given, capture_output=True, check=False, timeout=120,
    )  # fmt: skip


def test_a_file_is_compressed_beside_itself_and_comes_back(log, capsys):
    assert main([str(log)]) == 0
    assert log.exists()
    packed = log.with_name("shop.log.lgz")
    assert packed.stat().st_size < len(LOG) / 5
    assert packed.stat().st_mtime_ns == log.stat().st_mtime_ns
    log.unlink()
    assert main(["-d", "-q", str(packed)]) == 0
    assert log.read_bytes() == LOG
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1


def test_pipes_work_as_with_zstd():
    packed = command(given=LOG)
    assert (packed.returncode, packed.stderr) == (0, b"")
    assert command("-dc", given=packed.stdout).stdout == LOG


def test_stdout_and_out_are_obeyed(log, tmp_path):
    piped = command("-c", "--level", "fast", "-T2", log)
    assert main(["--level", "fast", "-q", str(log), "-o", str(tmp_path / "x")]) == 0
    assert (tmp_path / "x").read_bytes() == piped.stdout
    assert not (tmp_path / "shop.log.lgz").exists()


def test_nothing_is_overwritten_unasked(log, tmp_path, capsys):
    target = tmp_path / "taken"
    target.write_bytes(b"precious")
    assert main([str(log), "-o", str(target)]) == 2
    assert target.read_bytes() == b"precious"
    assert "exists already" in capsys.readouterr().err
    assert main([str(log), "-q", "-f", "-o", str(target)]) == 0
    assert target.read_bytes() != b"precious"


def test_a_damaged_segment_leaves_no_output(log, tmp_path, capsys):
    main(["-q", str(log)])
    packed = tmp_path / "shop.log.lgz"
    packed.write_bytes(packed.read_bytes()[:1000])
    log.unlink()
    assert main(["-d", str(packed)]) == 3
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"block 0 of {packed} at byte 9: the segment is cut short" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["shop.log.lgz"]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["no-such-file"], 3, "no-such-file: No such file or directory"),
        (["-d", "shop.log"], 2, "does not end in .lgz"),
        (["-d", "-c", "shop.log"], 3, "not a logzip segment (at byte 0)"),
        (["."], 2, "is a directory"),
        (["a", "b", "-o", "c"], 2, "-o takes one input"),
        (["info", "shop.log"], 3, "not a logzip segment (at byte 0)"),
        (["test", "shop.log"], 3, "not a logzip segment (at byte 0)"),
        (["grep", "x", "no-such-file"], 3, "no-such-file: No such file or directory"),
    ],
)
def test_errors_are_one_line_that_names_file_and_cause(
    log, monkeypatch, capsys, arguments, code, says
):
    monkeypatch.chdir(log.parent)
    assert main(arguments) == code
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1


def test_a_wrong_option_is_a_usage_error():
    assert command("--level", "fastest").returncode == 2
    assert command("-T", "many").returncode == 2


def test_a_full_disk_is_an_error_and_leaves_nothing(log):
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    done = command("-f", "-o", "/dev/full", log)
    assert done.returncode == 3
    assert b"No space left on device" in done.stderr


def test_info_describes_and_test_checks(log, capsys):
    main(["-q", str(log)])
    packed = f"{log}.lgz"
    assert main(["info", packed]) == 0
    assert "records" in capsys.readouterr().out
    assert main(["info", "--json", packed]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["raw_bytes"] == len(LOG)
    assert said["lines"] == LOG.count(b"\n")
    assert said["stored_bytes"] == Path(packed).stat().st_size
    assert len(said["block"]) == said["blocks"] == 1
    assert main(["test", packed]) == 0
    assert "ok" in capsys.readouterr().out


def test_grep_prints_what_grep_prints(log):
    main(["-q", str(log)])
    found = command("grep", "ERROR", f"{log}.lgz")
    lines = [line for line in io.BytesIO(LOG) if b"ERROR" in line]
    assert (found.returncode, found.stdout) == (0, b"".join(lines))
    assert command("grep", "--count", "no such text", f"{log}.lgz").returncode == 1


def test_help_comes_within_a_second():
    command("--help")
    started = time.process_time(), time.perf_counter()
    assert command("--help").returncode == 0
    # Other work on the machine makes the clock on the wall say little: allow it some.
    assert time.perf_counter() - started[1] < 5


def test_no_torch_is_loaded():
    code = "import sys, logzip.cli, logzip; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
