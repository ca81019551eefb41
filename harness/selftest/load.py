"""Keep processors busy with other work while kernels are measured."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator

from harness.system import host

_HALF = """
import os, time
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
while True:
    end = time.perf_counter() + 0.05
    while time.perf_counter() < end: pass
    time.sleep(0.05)
"""
"""A program that keeps the last processor that it may use busy for 50 ms of every 100 ms."""

_WHOLE = "while True: pass"
"""A program that keeps a processor busy."""


@contextlib.contextmanager
def half_busy() -> Iterator[None]:
    """Keep one processor busy half of the time, by a process that is pinned to it."""
    with _running([_HALF]):
        yield


@contextlib.contextmanager
def all_busy() -> Iterator[None]:
    """Keep all processors busy, by a process for each."""
    with _running([_WHOLE] * host.processors()):
        yield


@contextlib.contextmanager
def _running(programs: list[str]) -> Iterator[None]:
    processes = [subprocess.Popen([sys.executable, "-c", program]) for program in programs]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()
