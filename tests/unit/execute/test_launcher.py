"""Test how jobs are written for the launcher."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from harness.execute import launcher
from harness.execute.executor import RunError
from harness.execute.native import launcher_words
from harness.model.counters import CounterEvent, CounterReading
from harness.model.job import Job


def test_a_path_that_is_not_utf_8_reaches_the_job_as_it_is(tmp_path):
    """By the launcher for machines without a C compiler, which decodes what is written."""
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    job = Job(("touch", str(folder / "made")), str(folder), str(folder / "out"), str(folder / "err"), 60, 2**20)
    (tmp_path / "jobs").write_bytes(launcher.encode([job]))
    cpu = str(min(os.sched_getaffinity(0)))
    command = ["env", "-i", "LANG=C.UTF-8", sys.executable, "-I", "-S", launcher.FALLBACK, cpu, "as-is", "-"]

    done = subprocess.run([*command, tmp_path / "jobs"], capture_output=True, check=True)

    assert launcher.decode(done.stdout, [job], "")[0].ok
    assert (folder / "made").exists()


def test_the_report_of_a_killed_launcher_is_refused(tmp_path):
    """The job writes what looks like the report, and kills the launcher before it writes its own."""
    job = Job(("true",), str(tmp_path), str(tmp_path / "out"), str(tmp_path / "err"), 60, 2**20)
    forged = f"0 0 0 {' '.join(['1'] * 10)}"

    with pytest.raises(RunError, match="killed by signal 9"):
        launcher.call(["sh", "-c", f"echo {forged}; kill -9 $$"], [job])


@pytest.mark.parametrize("compiled", [True, False])
def test_a_job_cannot_look_into_the_launcher(tmp_path, compiled):
    """Root could, through /proc, without what the launcher takes from its jobs."""
    words = launcher_words(tmp_path) if compiled else [sys.executable, "-I", "-S", str(launcher.FALLBACK)]
    script = "cat /proc/$$/mem; echo forged > /proc/$PPID/fd/1; cat /proc/$PPID/mem"
    job = Job(("sh", "-c", script), str(tmp_path), str(tmp_path / "out"), str(tmp_path / "err"), 60, 2**20)
    (tmp_path / "jobs").write_bytes(launcher.encode([job]))
    cpu = str(min(os.sched_getaffinity(0)))

    [result] = launcher.call(["env", "PATH=/usr/bin:/bin", *words, cpu, "as-is", "-", str(tmp_path / "jobs")], [job])

    own, *of_launcher = (tmp_path / "err").read_text().splitlines()
    assert result.exit_status == 1 and "Input/output error" in own
    assert len(of_launcher) == 2 and all("Permission denied" in line for line in of_launcher)


MACOS = """
import builtins, ctypes, os, signal, sys
sys.platform = "darwin"
del os.sched_setaffinity, os.sched_getaffinity, signal.sigtimedwait
ctypes.CDLL = None
linux_open, linux_listdir = open, os.listdir
def refuse_proc(path):
    if str(path).startswith("/proc"):
        raise FileNotFoundError(2, "No such file or directory", path)
    return path
builtins.open = lambda path, *words, **options: linux_open(refuse_proc(path), *words, **options)
os.listdir = lambda path: linux_listdir(refuse_proc(path))
program = sys.argv.pop(1)
exec(compile(linux_open(program).read(), program, "exec"))
"""
"""Start a program without what Linux has and macOS has not."""


def test_jobs_run_and_are_stopped_without_linux(tmp_path):
    """A job that is to be counted has no count, and one that hangs ends with its time limit."""
    files = (str(tmp_path), str(tmp_path / "out"), str(tmp_path / "err"))
    first = Job(("sh", "-c", "echo done; exit 3"), *files, 60, 2**20, count=True)
    last = Job(("sleep", "60"), *files, 0.2, 2**20)
    (tmp_path / "jobs").write_bytes(launcher.encode([first, last]))
    command = [sys.executable, "-I", "-S", "-c", MACOS, launcher.FALLBACK, "0", "as-is", "1073741824:64"]

    done = subprocess.run([*command, tmp_path / "jobs"], capture_output=True, check=True)

    ended, stopped = launcher.decode(done.stdout, [first, last], "")
    assert (ended.exit_status, ended.looks, ended.timed_out) == (3, 0, False)
    assert stopped.timed_out and stopped.wall_ns < 30e9


EVENTS = (CounterEvent("cycles", 0, 0), CounterEvent("slots", 4, 0x400), CounterEvent("retired", 4, 0x8000, True))


def test_events_are_written_with_their_groups():
    job = Job(("true",), "/", "/out", "/err", 60, 1, counters=EVENTS)

    fields = launcher.encode([job]).split(b"\x1f")

    assert fields[7:9] == [b"0:0x0,4:0x400,+4:0x8000", b"true"]


def test_readings_of_a_recorded_report_have_their_names():
    job = Job(("true",), "/", "/out", "/err", 60, 1, counters=EVENTS)
    report = b"0 0 0 9 8 1 1048576 100 0 3 4 0 0 5123456 1000 1000 -1 0 0 77 1000 400\n"

    [result] = launcher.decode(report, [job], "")

    assert result.counters == (CounterReading("cycles", 5123456, 1000, 1000), CounterReading("retired", 77, 1000, 400))


def test_report_without_counters_has_none():
    [result] = launcher.decode(b"0 0 0 9 8 1 1048576 100 0 3 4 0 0\n", [Job(("x",), "", "", "", 1, 1)], "")

    assert result.ok and result.counters == ()
