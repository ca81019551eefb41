"""The launcher, in C and in its Python form: limits, clean-up, and a report that can be believed."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from harness.execute import launcher
from harness.execute.executor import RunError
from harness.model.counters import CounterEvent
from harness.model.job import Job
from harness.system import cpu_counters
from tests.command import command_lines
from tests.needs import need


@pytest.fixture
def launch(launch_without):
    """A function that runs jobs under one of the two launchers."""
    return launch_without(False)


@pytest.fixture(scope="session")
def program(tmp_path_factory) -> Callable[[bool], Path]:
    """Return a function that compiles the launcher once, as it is or with another name for the lists of children."""

    @cache
    def compiled(without: bool) -> Path:
        gcc = shutil.which("gcc")
        need(gcc, "gcc")
        source, output = (
            launcher_source(tmp_path_factory, launcher.SOURCE, without),
            tmp_path_factory.mktemp("launcher"),
        )
        subprocess.run([gcc, *launcher.COMPILE, "-Werror", source, "-o", output / "launch"], check=True)
        return output / "launch"

    return compiled


def launcher_source(factory, path: Path, without: bool) -> Path:
    """Write a launcher's source, `without` as on a system that has no lists of children."""
    text = path.read_text()
    assert text.count("/children") >= 2
    source = factory.mktemp("source") / path.name
    source.write_text(text.replace("/children", "/no-such-list") if without else text)
    return source


@pytest.fixture(params=["c", "python"])
def launch_without(request, tmp_path, tmp_path_factory, program):
    """Return a function that makes such a function: its launcher finds lists of children, or runs without."""

    def make(without: bool):
        if request.param == "c":
            return _launch([str(program(without))], tmp_path)
        return _launch(
            [sys.executable, "-I", "-S", launcher_source(tmp_path_factory, launcher.FALLBACK, without)], tmp_path
        )

    return make


def _launch(argv, tmp_path):
    def run(
        *commands: list[str],
        cpus: str = "0",
        timeout_s: float = 20,
        limit: int = 10_000,
        pages: str = "as-is",
        limits: str = "-",
        count=False,
        stdin: str = "/dev/null",
    ):
        work = tmp_path / "work"
        work.mkdir(exist_ok=True)
        jobs = [
            Job(tuple(words), str(work), str(work / f"out{i}"), str(work / f"err{i}"), timeout_s, limit, count, stdin)
            for i, words in enumerate(commands)
        ]
        (tmp_path / "jobs").write_bytes(launcher.encode(jobs))
        return launcher.call([*argv, cpus, pages, limits, str(tmp_path / "jobs")], jobs), work

    return run


def test_jobs_run_in_turn_with_their_own_files(launch):
    results, work = launch(["echo", "one"], ["sh", "-c", "echo two >&2; exit 3"])
    assert [(r.exit_status, r.signal, r.ok) for r in results] == [(0, 0, True), (3, 0, False)]
    assert ((work / "out0").read_text(), (work / "err1").read_text()) == ("one\n", "two\n")
    assert results[1].describe() == "exited with status 3"


def test_a_job_reads_its_input(launch, tmp_path):
    (tmp_path / "in").write_text("abc")

    _, work = launch(["cat"], ["cat"], stdin=str(tmp_path / "in"))

    assert [(work / f"out{i}").read_text() for i in range(2)] == ["abc", "abc"]


def test_a_signal_is_told_from_an_exit(launch):
    [result], _ = launch(["sh", "-c", "kill -SEGV $$"])
    assert result.signal == 11
    assert result.describe() == "was killed by SIGSEGV"


def test_a_program_that_is_not_there_is_said(launch):
    [result], work = launch(["no-such-program"])
    assert result.exit_status == 127
    assert "No such file" in (work / "err0").read_text()


def test_a_job_is_stopped_in_time_though_it_ignores_sigterm(launch):
    start = time.monotonic()
    [result], _ = launch(["sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"], timeout_s=0.5)
    assert result.timed_out and not result.ok
    assert time.monotonic() - start < 5
    assert result.describe() == "was stopped when its time limit ran out"


@pytest.mark.parametrize("lists", ["with", "without"])
def test_children_that_a_job_leaves_are_killed(launch_without, lists):
    """Also those in a session of their own, and those whose parent has ended."""
    launch = launch_without(lists == "without")
    mark = f"9{time.time_ns() % 10**8}"
    launch(["sh", "-c", f"setsid sleep {mark} & (setsid setsid sleep {mark} &) ; exit 0"])
    assert mark not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout


def test_a_file_that_grows_beyond_the_limit_is_cut_off(launch):
    [result], work = launch(["sh", "-c", "head -c 1000000 /dev/zero"], limit=5000)
    assert (work / "out0").stat().st_size <= 5000
    assert not result.ok


def test_memory_is_the_job_s_own_and_not_the_harness_s(launch):
    ballast = bytearray(300 * 2**20)
    ballast[:: 2**12] = b"x" * len(ballast[:: 2**12])
    small, large = launch(
        ["true"], [sys.executable, "-c", "x = bytearray(80 << 20)\nfor i in range(0, len(x), 4096): x[i] = 1"]
    )[0]
    assert small.peak_rss_bytes < 30 * 2**20 < 80 * 2**20 < large.peak_rss_bytes < 200 * 2**20
    assert large.minor_faults > 20_000 > small.minor_faults


def test_time_is_split_into_user_system_and_wall(launch):
    [result], _ = launch([sys.executable, "-c", "import time\nfor i in range(3*10**6): pass\ntime.sleep(0.3)"])
    assert result.wall_ns > 300e6
    assert 0 < result.user_ns < result.wall_ns


def test_time_of_a_process_that_nobody_waits_for_counts(launch):
    """Its parent has ended, so that its processor time is charged to no process of the job."""
    compute = "import time\nwhile time.process_time() < 0.4: pass"
    daemon = f"import os\nif os.fork(): os.wait()\nelif os.fork(): os._exit(0)\n{compute}"
    one, two = launch([sys.executable, "-c", compute], [sys.executable, "-c", f"{daemon}\ntime.sleep(1)"])[0]
    assert 0.35e9 < one.user_ns + one.system_ns < 0.6e9 < 0.75e9 < two.user_ns + two.system_ns < 1.2e9


def test_a_job_runs_on_the_given_processors_only(launch):
    [result], work = launch([sys.executable, "-c", "import os; print(os.sched_getaffinity(0))"])
    assert result.ok
    assert (work / "out0").read_text() == "{0}\n"


def test_jobs_can_be_kept_from_huge_pages(launch):
    for pages, enabled in (("4k", "0"), ("as-is", "1")):
        [_], work = launch(["grep", "THP_enabled", "/proc/self/status"], pages=pages)
        assert (work / "out0").read_text().split() == ["THP_enabled:", enabled]


def test_a_bomb_of_forks_is_stopped_with_all_its_processes(launch):
    mark = f"7{time.time_ns() % 10**8}"
    bomb = f"import os, time\nwhile os.fork() >= 0: time.sleep(0.001 if '{mark}' else 0)"
    [result, after], _ = launch([sys.executable, "-c", bomb], ["true"], limits=f"{2**30}:60")
    assert result.crowded and not result.ok
    assert not after.ok and after.wall_ns == 0  # nothing is started after a job that had to be stopped
    assert "more processes and threads than limits.processes" in result.describe()
    _wait_for(mark, there=False)


@pytest.fixture
def strangers():
    """A process of somebody else that starts 600 threads once it is told to, and tells when they are there."""
    code = (
        "import sys, threading, time\nthreading.stack_size(2**16)\nsys.stdin.readline()\n"
        "for _ in range(600): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "print(flush=True)\nsys.stdin.readline()"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, text=True) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("lists", ["with", "without"])
def test_a_job_is_stopped_for_its_own_threads_only(launch_without, strangers, lists):
    """Not for the 600 threads that another process starts meanwhile."""
    launch = launch_without(lists == "without")
    tell = f"echo >/proc/{os.getpid()}/fd/{strangers.stdin.fileno()}; head -1 </proc/{os.getpid()}/fd/"
    wait = ["sh", "-c", f"{tell}{strangers.stdout.fileno()}; sleep 0.3 & sleep 0.3 & sleep 0.5"]
    threads = "import threading, time\nfor _ in range(80): threading.Thread(target=time.sleep, args=(9,)).start()"
    results, _ = launch(wait, [sys.executable, "-c", threads], limits=f"{2**32}:60")
    assert [result.crowded for result in results] == [False, True], results


@pytest.mark.parametrize("others", [0, 2])
def test_threads_at_work_are_counted_the_same_whatever_else_runs(launch, others):
    compute = "import time, sys\nend = time.monotonic() + 0.6\nwhile time.monotonic() < end: pass\n"
    two = f"import os\nos.fork()\n{compute}"
    daemon = f"import os\nif not os.fork():\n    os.setsid()\n    if os.fork(): os._exit(0)\n{compute}"
    with contextlib.ExitStack() as stack:
        for _ in range(others):
            loop = stack.enter_context(subprocess.Popen(["sh", "-c", "exec taskset -c 0 sh -c 'while :; do :; done'"]))
            stack.callback(loop.kill)
        # a shell: on a busy processor, Python takes long enough to start that this would be counted as work
        asleep = ["sh", "-c", "sleep 0.4 & sleep 0.4"]
        commands = [[sys.executable, "-c", code] for code in (compute, two, daemon)]
        results, _ = launch(*commands, asleep, count=True)
    assert [result.at_work for result in results] == [1, 2, 2, 0]
    assert all(result.looks >= 8 for result in results)


def test_memory_is_limited_where_no_container_does_it(launch):
    eat = "print(len(bytes({} << 20)))"
    limit = f"{200 << 20}:500"
    [little, much], work = launch(*([sys.executable, "-c", eat.format(size)] for size in (50, 500)), limits=limit)
    assert little.ok and not much.ok
    assert "MemoryError" in (work / "err1").read_text()


def test_names_with_spaces_quotes_and_newlines_are_kept(launch):
    [_], work = launch(["printf", "%s|", "a b", "$(x)", "'", "x\ny", "é"])
    assert (work / "out0").read_text() == "a b|$(x)|'|x\ny|é|"


def test_a_session_takes_lists_of_jobs_until_its_input_ends(tmp_path, program):
    folder = tmp_path / "emptied"
    folder.mkdir()
    session = launcher.Session([str(program(False)), "0", "as-is", "-", "-", str(folder)], [])
    for i in range(3):
        words = ("sh", "-c", f"ls -A {folder} | wc -l; mkdir -p {folder}/a/b; touch {folder}/.x; exit {i}")
        job = Job(words, str(tmp_path), str(tmp_path / "o"), str(tmp_path / "e"), 100, 1000)
        (tmp_path / "jobs").write_bytes(launcher.encode([job, job]))
        results = session.run([job, job], str(tmp_path / "jobs"))
        assert [result.exit_status for result in results] == [i, i]
        assert (tmp_path / "o").read_text().strip() == "2"  # the first job of a list finds nothing, the second its own
    session.close()
    with pytest.raises((RunError, ValueError)):
        session.run([job], str(tmp_path / "jobs"))


def test_a_session_that_dies_says_so_and_is_over(tmp_path, program):
    session = launcher.Session([str(program(False)), "0", "as-is", "-", "-"], [])
    job = Job(("true",), str(tmp_path), str(tmp_path / "o"), str(tmp_path / "e"), 100, 1000)
    with pytest.raises(RunError, match=r"no-jobs: No such file"):
        session.run([job], str(tmp_path / "no-jobs"))


def test_a_harness_that_is_killed_takes_its_kernel_with_it(tmp_path, program):
    mark = f"8{time.time_ns() % 10**8}"
    job = Job(("sleep", mark), str(tmp_path), str(tmp_path / "o"), str(tmp_path / "e"), 100, 1000)
    (tmp_path / "jobs").write_bytes(launcher.encode([job]))
    for argv in ([program(False)], [sys.executable, "-I", "-S", launcher.FALLBACK]):
        code = "import subprocess, sys; subprocess.run(sys.argv[1:])"
        parent = subprocess.Popen(
            [sys.executable, "-c", code, *map(str, argv), "0", "as-is", "-", str(tmp_path / "jobs")]
        )
        _wait_for(mark, there=True)
        parent.kill()
        parent.wait()
        _wait_for(mark, there=False)


def _wait_for(mark: str, there: bool) -> None:
    for _ in range(200):
        if any(mark in word for words in command_lines().values() for word in words) == there:
            return
        time.sleep(0.05)
    raise AssertionError(f"the process marked {mark} is {'not there' if there else 'still there'}")


FAULTS = CounterEvent("faults", 1, 2)
"""The page faults that Linux counts by itself: an event without which no CPU is."""

TOUCH = "import os, sys\nif os.fork():\n os.wait()\nelse:\n b = bytearray(int(sys.argv[1]) * 4096); os._exit(0)"


def test_events_of_a_job_and_its_children_are_counted(tmp_path, program):
    need(cpu_counters.can_count([FAULTS]) == 0, "leave to count events")
    unknown = CounterEvent("unknown", 1, 10**6)
    counters = (unknown, FAULTS)
    names = [str(tmp_path / name) for name in ("out", "err")]
    jobs = [
        Job((sys.executable, "-c", TOUCH, pages), str(tmp_path), *names, 60, 2**20, counters=counters)
        for pages in ("1", "5001")
    ]
    (tmp_path / "jobs").write_bytes(launcher.encode(jobs))
    cpu = str(min(os.sched_getaffinity(0)))

    # without huge pages, each page of a new array is one fault
    results = launcher.call([str(program(False)), cpu, "4k", "-", str(tmp_path / "jobs")], jobs)

    [few], [many] = (result.counters for result in results)
    assert few.name == many.name == "faults"
    assert many.value - few.value == pytest.approx(5000, rel=0.1)
    assert many.running_ns == many.enabled_ns > 0
