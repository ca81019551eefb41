"""What the fast rungs ask of the machine: the sizes of its caches, and threads that are kept."""

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

_pool = cache(ThreadPoolExecutor)  # its threads start when the first tasks come, and wait for the next ones


def run_all(function, tasks, threads):
    """function(*task) for every task, on at most `threads` threads. They run at once only without the GIL."""
    for done in [_pool(threads).submit(function, *task) for task in tasks]:
        done.result()


@cache
def cache_bytes(level):
    """The size of the data cache of that level which the first processor uses."""
    for index in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*"):
        try:
            kind, found, size = ((index / name).read_text().strip() for name in ("type", "level", "size"))
        except OSError:
            continue
        if kind != "Instruction" and int(found) == level:
            return int(size.removesuffix("K")) * 1024
    return {1: 32, 2: 1024, 3: 16384}[level] * 1024
