"""The command: files, pipes, exit codes, one line for what went wrong."""

import io
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from logzip import progress
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


def test_rm_removes_what_was_compressed_and_k_keeps_it(log):
    assert main(["-q", "--rm", str(log)]) == 0
    assert not log.exists()
    packed = log.with_name("shop.log.lgz")
    assert main(["-d", "-q", "-k", str(packed)]) == 0
    assert packed.exists()
    assert log.read_bytes() == LOG


def test_several_files_are_compressed_and_one_that_is_missing_is_named(log, capsys):
    other = log.with_name("other.log")
    other.write_bytes(LOG[:1000])
    assert main(["-q", str(log), "missing", str(other)]) == 3
    assert "missing: No such file" in capsys.readouterr().err
    for path in (log, other):
        assert command("cat", f"{path}.lgz").stdout == path.read_bytes()


@pytest.mark.parametrize(
    ("lines", "low", "high"),
    [("1:3", 0, 3), ("7:", 6, None), (":5", 0, 5), ("9999999:", -1, -1)],
)
def test_cat_prints_a_range_of_lines(log, lines, low, high):
    main(["-q", str(log)])
    expected = [] if low < 0 else LOG.splitlines(keepends=True)[low:high]
    assert command("cat", "--lines", lines, f"{log}.lgz").stdout == b"".join(expected)
    assert command("cat", "--lines", "5:4", f"{log}.lgz").returncode == 2


def test_costs_of_structures_add_up_to_the_file(log, capsys):
    main(["-q", str(log)])
    packed = f"{log}.lgz"
    assert main(["info", "--costs", packed]) == 0
    assert "<*>" in capsys.readouterr().out
    assert main(["info", "--costs", "--json", packed]) == 0
    said = json.loads(capsys.readouterr().out)
    total = sum(row["stored_bytes"] for row in said["structures"]) + said["other_bytes"]
    assert total == pytest.approx(Path(packed).stat().st_size, abs=len(said["structures"]))
    assert all(sum(row["slots"]) <= row["stored_bytes"] + 9 for row in said["structures"])


def test_grep_names_the_files_when_there_are_several(log):
    main(["-q", str(log)])
    found = command("grep", "-c", "ERROR", f"{log}.lgz", f"{log}.lgz", "missing.lgz")
    n = sum(b"ERROR" in line for line in io.BytesIO(LOG))
    assert found.stdout.decode() == f"{log}.lgz:{n}\n" * 2
    assert found.returncode == 3
    assert b"missing.lgz: No such file" in found.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_completion_is_a_script_of_the_shell(shell, tmp_path):
    script = command("completion", shell).stdout
    assert b"--costs" in script
    path = tmp_path / "completion"
    path.write_bytes(script)
    assert subprocess.run(["bash", "-n", str(path)], check=False).returncode == 0


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_one_line_that_is_left_empty(monkeypatch):
    monkeypatch.setattr(progress, "LEAST_BYTES", 10)
    terminal = Terminal()
    shown = progress.Progress("a.log", len(LOG), terminal)
    assert shown.watch(io.BytesIO(LOG)).read() == LOG
    assert "a.log: 0 of 0 MB" in terminal.getvalue()
    shown.clear()
    assert terminal.getvalue().endswith(" \r")
    assert "\n" not in terminal.getvalue()


def test_help_comes_within_a_second():
    command("--help")
    started = time.process_time(), time.perf_counter()
    assert command("--help").returncode == 0
    # Other work on the machine makes the clock on the wall say little: allow it some.
    assert time.perf_counter() - started[1] < 5


def test_no_torch_is_loaded():
    code = "import sys, logzip.cli, logzip; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
