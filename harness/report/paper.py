"""The table of the paper, shown beside the rows of this machine."""

from __future__ import annotations

from dataclasses import dataclass

SOURCE = "Leiserson et al. 2020, There's plenty of room at the Top, Science 368, table 1"

MACHINE = "two Xeon E5-2666 v3, 18 cores, 835 GFLOPS peak, n = 4096"

N, PEAK_GFLOPS = 4096, 835.0
"""The paper's n, and the peak of its machine in GFLOPS."""


@dataclass(frozen=True)
class PaperRow:
    """A row of table 1, and the kernel here that repeats it: the same program in rows 1 to 3, the same idea below.

    `speedup` is relative to row 1, `peak_share` a fraction of 1.
    """

    number: int
    version: str
    seconds: float
    gflops: float
    speedup: float
    peak_share: float
    kernel: str


TABLE = (
    PaperRow(1, "Python", 25_552.48, 0.005, 1, 0.0000, "python/naive-paper"),
    PaperRow(2, "Java", 2_372.68, 0.058, 11, 0.0001, "java/naive-paper"),
    PaperRow(3, "C", 542.67, 0.253, 47, 0.0003, "c/naive-paper"),
    PaperRow(4, "Parallel loops", 69.80, 1.969, 366, 0.0024, "c/parallel"),
    PaperRow(5, "Parallel divide and conquer", 3.80, 36.180, 6_727, 0.0433, "c/divide"),
    PaperRow(6, "plus vectorization", 1.10, 124.914, 23_224, 0.1496, "c/vector"),
    PaperRow(7, "plus AVX intrinsics", 0.41, 337.812, 62_806, 0.4045, "c/intrinsics"),
)

DIFFERENCES = (
    "The paper's Python is Python 2. Here Python 3 runs the same loops, also at global scope: python/naive-paper.",
    "The Makefile published with the paper's programs compiles Java ahead of time, with gcj. Here the JVM compiles the "
    "same loops while they run.",
    "The paper's C row is gcc -O0, and so is c/naive-paper. The paper's matrices are static arrays whose size the "
    "compiler knows; here they are allocated, and n is known at run time only.",
    "Rows 4 to 7 are this project's own programs with the paper's ideas. For example, the paper's parallel loops keep "
    "the order i, j, k; c/parallel runs the loops of c/interchange.",
    "The paper's machine had 18 cores; rows of one thread compare with this machine's, rows of all threads do not.",
    "The paper took the best of several runs for C and ran Python once, on unseeded inputs; its Python, Java and C "
    "results were not verified. Here every launch is verified whole, and a time rests on all of them.",
)
