"""Run a program, and sample where it computes: the program counters of its threads, and the code around them.

The program is the one that is timed, with all instructions of this CPU: no simulator has to know them, and code that is
compiled while the program runs is read from its memory. A sample needs no right but that of a parent: ptrace(2) stops
the thread for some ten microseconds, which a time would show and a share of samples does not.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import signal
import struct
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.model.job import Absent
from harness.util.files import read_text

PERIOD_S = 0.001
"""Time from one sample to the next, in seconds."""

SAMPLES = 500
"""Number of samples, without those before the first product: a loop that takes half the time has 250 +- 22 of them."""

FIRST_PRODUCT_S = 8.0
"""Time after which samples count though no product was reported, in seconds: interpreters take long for one."""

LOADED_S = 0.2
"""The same for compiled programs, which report no product before the last, since they write their lines at the end."""

TIME_LIMIT_S = 20.0
"""Time after which the program is ended with the samples that there are, in seconds."""

MIN_TIME_SHARE = 0.1
"""Processor time of a thread relative to that of the busiest one, below which its samples do not count."""

END_S = 10
"""Time in which the launcher must end after SIGTERM, in seconds, before it is killed."""

MIN_SAMPLES = 50
"""Number of samples below which no loop is told from another."""

LOOP_BYTES = 1024
"""Bytes of code of half a long loop: samples that are nearer to each other are probably in one loop."""

CODE_BYTES = 16384
"""Bytes of code that are read on each side of the place with the most samples."""

_SEIZE, _INTERRUPT, _DETACH, _GETREGSET, _NT_PRSTATUS, _WALL = 0x4206, 0x4207, 17, 0x4204, 1, 0x40000000

_COUNTER_WORD = {"x86_64": 16, "aarch64": 32}
"""Position of the program counter among a thread's registers, in words of 8 bytes: rip, and pc after 31 and sp."""


@dataclass(frozen=True)
class Segment:
    """A part of a program's memory with code: its addresses, and the file that it is from, with the offset there.

    `file` is empty for code that was compiled while the program ran.
    """

    start: int
    end: int
    offset: int
    file: str


@dataclass(frozen=True)
class Sampled:
    """How often each program counter was sampled, and the code around most of them, which begins at `start`.

    `counts` are those of the segment with the code. `total` is the number of all samples.
    """

    counts: Mapping[int, int]
    total: int
    segment: Segment
    start: int
    code: bytes


def sample(command: Sequence[str], output: Path, wait_s: float) -> Sampled | Absent:
    """Start a command that runs a kernel, sample the kernel until it has shown enough, and end the command.

    Samples count from the first line in the kernel's `output` on, or after `wait_s`: what comes before is compiling and
    loading. The command ends its kernel on SIGTERM, as the launcher does.
    """
    if platform.machine() not in _COUNTER_WORD or platform.system() != "Linux":
        return Absent(f"programs of {platform.system()} on {platform.machine()} cannot be sampled")
    nothing = subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)
    try:
        places = _places(process, output, wait_s)
        return places if isinstance(places, Absent) else _code_around(places)
    except ProcessLookupError:
        return Absent("the process that was sampled had ended before its code was read")
    except OSError as error:
        return Absent(f"its threads cannot be sampled: {error.strerror}")
    finally:
        _end(process)


@dataclass(frozen=True)
class Thread:
    """A thread that runs or waits for a processor: its process, its number, and its processor time in clock ticks."""

    pid: int
    number: int
    ticks: int


@dataclass(frozen=True)
class Place:
    """Where a thread was when it was sampled: by its program counter."""

    thread: Thread
    counter: int


def _places(process: subprocess.Popen[bytes], output: Path, wait_s: float) -> list[Place] | Absent:
    """Return where the threads at work were, from the first product on or after `wait_s`."""
    tracer, places = _Tracer(), list[Place]()
    start, steady = time.monotonic(), False
    while len(places) < SAMPLES and time.monotonic() - start < TIME_LIMIT_S:
        time.sleep(PERIOD_S)
        if process.poll() is not None:
            return Absent("the program ended while it was sampled")
        steady = steady or bool(read_text(output)) or time.monotonic() - start > wait_s
        for thread in _threads_at_work(process.pid) if steady else ():
            if (counter := tracer.program_counter(thread.number)) is not None:
                places.append(Place(thread, counter))
    if len(places) < MIN_SAMPLES:
        return Absent(f"only {len(places)} samples could be taken")
    return of_busy_threads(places)


def of_busy_threads(places: Sequence[Place]) -> list[Place]:
    """Return the samples of threads that had a good part of the processor time: others only waited for a processor."""
    first: dict[int, int] = {}
    used: dict[int, int] = {}
    for place in places:
        number, ticks = place.thread.number, place.thread.ticks
        used[number] = ticks - first.setdefault(number, ticks)
    least = MIN_TIME_SHARE * max(used.values())
    return [place for place in places if used[place.thread.number] >= least]


def _threads_at_work(root: int) -> Iterator[Thread]:
    """Yield the threads of a process and its children that run or wait for a processor."""
    pids = [root]
    for pid in pids:
        with contextlib.suppress(OSError, IndexError):  # the process or the thread has ended
            for task in Path(f"/proc/{pid}/task").iterdir():
                state = read_text(task / "stat").rpartition(")")[2].split()
                if state[0] == "R":
                    yield Thread(pid, int(task.name), int(state[11]))  # utime in proc_pid_stat(5)
                pids += map(int, read_text(task / "children").split())


class _Tracer:
    """Calls of ptrace(2)."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        self._libc.ptrace.restype = ctypes.c_long
        self._registers = ctypes.create_string_buffer(1024)

    def program_counter(self, thread: int) -> int | None:
        """Stop a thread, return its program counter, and let it go on; None if it has ended. Raises OSError."""
        try:
            self._call(_SEIZE, thread)
            self._call(_INTERRUPT, thread)
            if not os.WIFSTOPPED(os.waitpid(thread, _WALL)[1]):
                return None
            vector = (ctypes.c_size_t * 2)(ctypes.addressof(self._registers), len(self._registers))
            self._call(_GETREGSET, thread, _NT_PRSTATUS, ctypes.addressof(vector))
            self._call(_DETACH, thread)
        except (ProcessLookupError, ChildProcessError):
            return None
        word = _COUNTER_WORD[platform.machine()]
        return int(struct.unpack_from("<Q", self._registers, 8 * word)[0])

    def _call(self, request: int, thread: int, address: int = 0, data: int = 0) -> None:
        if self._libc.ptrace(request, thread, address, data) < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))


def segments(maps: str) -> list[Segment]:
    """Return the executable parts of a program's memory from its /proc/PID/maps."""
    found = []
    for line in maps.splitlines():
        addresses, rights, offset, _, _, *name = line.split(maxsplit=5)
        if "x" in rights:
            start, end = (int(address, 16) for address in addresses.split("-"))
            found.append(Segment(start, end, int(offset, 16), name[0] if name and name[0].startswith("/") else ""))
    return found


def _code_around(places: Sequence[Place]) -> Sampled | Absent:
    """Read the code around the samples from the memory of the program, which is still running.

    Of several processes, such as those that a kernel starts for each product, it is that of one that has not ended.
    """
    sampled = Counter(place.thread.pid for place in places)
    running = [pid for pid, number in sampled.most_common() if number >= MIN_SAMPLES and Path(f"/proc/{pid}").exists()]
    if not running:
        return Absent("the processes that were sampled had ended before their code was read")
    pid = running[0]
    os.kill(pid, signal.SIGSTOP)
    counters = Counter(place.counter for place in places if place.thread.pid == pid)
    samples = Counter[Segment]()
    for segment in segments(Path(f"/proc/{pid}/maps").read_text(encoding="utf-8", errors="replace")):
        samples[segment] = sum(number for at, number in counters.items() if segment.start <= at < segment.end)
    [(segment, number)] = samples.most_common(1)
    if not number:
        return Absent("the code that was sampled is gone")
    own = Counter({at: number for at, number in counters.items() if segment.start <= at < segment.end})
    centre = densest(own)
    start, end = max(segment.start, centre - CODE_BYTES), min(segment.end, centre + CODE_BYTES)
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        memory.seek(start)
        code = memory.read(end - start)
    return Sampled(own, len(places), segment, start, code)


def densest(counts: Mapping[int, int]) -> int:
    """Return the address with the most counts around it. A long loop has few at each address, a short one many."""
    return max(counts, key=lambda at: sum(number for other, number in counts.items() if abs(other - at) <= LOOP_BYTES))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command, and what it has started."""
    process.terminate()
    process.send_signal(signal.SIGCONT)  # a process that was stopped to be read would not end before END_S
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(END_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
