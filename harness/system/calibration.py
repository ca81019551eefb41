"""Two fixed loops, run before every launch: how fast the machine is at that moment, in computing and in memory.

They show a drift; they do not correct one. Two kernels that slow down with the machine do not do so alike, so a time
divided by a loop's time would be an opinion, not a measurement.
"""

from __future__ import annotations

import hashlib
import os
import time

import numpy as np

BLOCK_BYTES = 2**17
"""Fits the second level cache of any CPU, so that the first loop depends on the core alone."""

BLOCKS = 24

COPIED_BYTES = 2**24
"""Twice this is more than the caches of a core hold, and is copied in a few milliseconds."""


class SpeedProbe:
    """The loops with their memory, which is allocated and touched once."""

    def __init__(self, cpu: int) -> None:
        self._cpu = cpu
        self._block = bytes(BLOCK_BYTES)
        self._from = np.ones(COPIED_BYTES // 8)
        self._to = np.zeros_like(self._from)

    def measure(self) -> tuple[int, int]:
        """Run both on the first of the run's processors: ns of hashing 3 MiB, and ns of copying 16 MiB."""
        allowed = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {self._cpu})
        try:
            start = time.perf_counter_ns()
            for _ in range(BLOCKS):
                hashlib.sha256(self._block).digest()
            middle = time.perf_counter_ns()
            np.copyto(self._to, self._from)
            return middle - start, time.perf_counter_ns() - middle
        finally:
            os.sched_setaffinity(0, allowed)
