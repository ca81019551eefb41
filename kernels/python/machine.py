"""What the fast rungs ask of the machine: the sizes of its caches, and threads that are kept."""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

_pool = cache(ThreadPoolExecutor)  # its threads start when the first tasks come, and wait for the next ones


def run_all(function, tasks, threads):
    """function(*task) for every task, on at most `threads` threads. They run at once only without the GIL."""
    for done in [_pool(threads).submit(function, *task) for task in tasks]:
        done.result()


@cache
def cache_bytes(level, shared=True):
    """What a thread has of a level's data cache: its size, and if `shared`, by our processors that share it."""
    ours = os.sched_getaffinity(0)
    for index in Path(f"/sys/devices/system/cpu/cpu{min(ours)}/cache").glob("index*"):
        try:
            kind, found, size, sharing = (
                (index / name).read_text().strip() for name in ("type", "level", "size", "shared_cpu_list")
            )
        except OSError:
            continue
        if kind != "Instruction" and int(found) == level:
            return int(size.removesuffix("K")) * 1024 // (len(ours & processors(sharing)) if shared else 1)
    return {1: 32, 2: 1024, 3: 16384}[level] * 1024


def processors(text):
    """The numbers in a list such as "0-3,8-11"."""
    ranges = [[int(end) for end in ends.split("-")] for ends in text.split(",")]
    return {number for ends in ranges for number in range(ends[0], ends[-1] + 1)}
