"""Test the sampling of program counters, on a program that computes in Python."""

from __future__ import annotations

import sys

import pytest

from harness.explain import sampler
from harness.explain.sampler import Place, Sampled, Segment, Thread, of_busy_threads, sample, segments
from harness.model.job import Absent

MAPS = """
5581a000-5581b000 r--p 00000000 fe:00 1234                       /build/c/my out
5581b000-5581e000 r-xp 00001000 fe:00 1234                       /build/c/my out
7f00a000-7f00b000 rwxp 00000000 00:00 0
7ffd1000-7ffd3000 r-xp 00000000 00:00 0                          [vdso]
""".strip()

WAIT_S = 0.2

BUSY = "open(sys.argv[1], 'w').write('.')\nwhile os.getppid() > 1: pass"
"""The end of a program that reports a product in the file that it is given, and computes on."""

SINGLE = "import os, sys\n" + BUSY

FORKED = "import os, sys\nif os.fork(): os.wait()\n" + BUSY

FORKED_AGAIN = """
import os, time
if not os.fork():
    end = time.monotonic() + 0.6
    while time.monotonic() < end: pass
    os._exit(0)
os.wait()
if os.fork(): os.wait()
while os.getppid() > 1: pass
"""
"""A program whose first child ends while it is sampled, as one that starts a process for each product."""


def test_only_parts_with_code_are_segments():
    assert segments(MAPS) == [
        Segment(0x5581B000, 0x5581E000, 0x1000, "/build/c/my out"),
        Segment(0x7F00A000, 0x7F00B000, 0, ""),
        Segment(0x7FFD1000, 0x7FFD3000, 0, ""),
    ]


@pytest.mark.parametrize("program", [SINGLE, FORKED], ids=["process", "child"])
def test_busy_program_is_sampled_and_ended(program, tmp_path, monkeypatch):
    monkeypatch.setattr(sampler, "SAMPLES", 60)
    output = tmp_path / "out"

    # on a busy machine the start of Python alone may take so long that it would give most of the samples
    found = sample([sys.executable, "-c", program, str(output)], output, wait_s=60)

    assert isinstance(found, Sampled), found
    assert sum(found.counts.values()) <= found.total and found.total >= 60
    assert all(found.segment.start <= counter < found.segment.end for counter in found.counts)
    code = range(found.start, found.start + len(found.code))
    assert sum(count for counter, count in found.counts.items() if counter in code) >= max(found.counts.values())


def test_process_that_has_ended_meanwhile_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(sampler, "SAMPLES", 1500)
    monkeypatch.setattr(sampler, "TIME_LIMIT_S", 3.0)

    found = sample([sys.executable, "-c", FORKED_AGAIN], tmp_path / "out", WAIT_S)

    assert isinstance(found, Sampled), found
    assert 0 < sum(found.counts.values()) < found.total


def test_program_that_ends_at_once_is_a_sentence(tmp_path):
    assert sample(["false"], tmp_path / "out", WAIT_S) == Absent("the program ended while it was sampled")


def test_program_that_waits_has_too_few_samples(tmp_path, monkeypatch):
    monkeypatch.setattr(sampler, "TIME_LIMIT_S", 0.2)

    assert sample(["sleep", "60"], tmp_path / "out", WAIT_S) == Absent("only 0 samples could be taken")


def test_long_loop_with_few_samples_each_is_denser_than_one_address():
    long_loop = {0x5000 + 8 * i: 3 for i in range(40)}

    assert 0x5000 <= sampler.densest({0x1000: 53, **long_loop, 0x9000: 40}) < 0x5200


def test_nothing_is_sampled_before_the_first_product(tmp_path, monkeypatch):
    monkeypatch.setattr(sampler, "TIME_LIMIT_S", 0.1)
    program = "while True: pass"

    assert sample([sys.executable, "-c", program], tmp_path / "out", WAIT_S) == Absent("only 0 samples could be taken")


def test_samples_of_threads_that_only_wait_do_not_count():
    busy = [Place(Thread(1, 1, ticks), 0x1000 + ticks) for ticks in range(40)]
    waiting = [Place(Thread(1, 2, 7), 0x9000)] * 100

    assert of_busy_threads([*busy, *waiting]) == busy
