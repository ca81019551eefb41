"""Measure the machine's current speed with two fixed loops, of computing and of copying memory.

The loops show a drift of the machine, but times are not corrected by them: two kernels do not slow down alike, so the
ratio of a kernel's time to a loop's time would depend on the kernel.
"""

from __future__ import annotations

import hashlib
import time

import numpy as np

from harness.system.topology import pinned

BLOCK_BYTES = 2**17
"""Bytes hashed at a time: they fit the second-level cache of any CPU, so that hashing depends on the core alone."""

BLOCKS = 24
"""Blocks hashed, 3 MiB in all: a few milliseconds, short beside a launch."""

COPIED_BYTES = 2**24
"""Bytes copied, from one array to another: both exceed a core's own caches, and copying takes a few milliseconds."""


class SpeedProbe:
    """The two loops and their memory, which is allocated and touched once."""

    def __init__(self, cpu: int) -> None:
        self._cpu = cpu
        self._block = bytes(BLOCK_BYTES)
        self._source = np.ones(COPIED_BYTES // 8)
        self._target = np.zeros_like(self._source)

    def measure(self) -> tuple[int, int]:
        """Run both loops on the processor `cpu`; return the time of hashing 3 MiB and of copying 16 MiB, in ns."""
        with pinned(self._cpu):
            start = time.perf_counter_ns()
            for _ in range(BLOCKS):
                hashlib.sha256(self._block).digest()
            middle = time.perf_counter_ns()
            np.copyto(self._target, self._source)
            return middle - start, time.perf_counter_ns() - middle
