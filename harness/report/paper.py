"""The table of the paper, shown beside the rows of this machine."""

from __future__ import annotations

from dataclasses import dataclass

SOURCE = "Leiserson et al. 2020, There's plenty of room at the Top, Science 368, table 1"

MACHINE = "two Xeon E5-2666 v3, 18 cores, 835 GFLOPS peak, n = 4096"

N, PEAK_GFLOPS = 4096, 835.0
"""The paper's n, and the peak of its machine in GFLOPS."""


@dataclass(frozen=True)
class PaperRow:
    """A row of table 1, and the kernel here that implements it."""

    number: int
    version: str
    seconds: float
    gflops: float
    speedup: float
    peak_share: float
    kernel: str


TABLE = (
    PaperRow(1, "Python", 25_552.48, 0.005, 1, 0.0000, "python/naive"),
    PaperRow(2, "Java", 2_372.68, 0.058, 11, 0.0001, "java/naive"),
    PaperRow(3, "C", 542.67, 0.253, 47, 0.0003, "c/naive-O0"),
    PaperRow(4, "Parallel loops", 69.80, 1.969, 366, 0.0024, "c/parallel"),
    PaperRow(5, "Parallel divide and conquer", 3.80, 36.180, 6_727, 0.0433, "c/divide"),
    PaperRow(6, "plus vectorization", 1.10, 124.914, 23_224, 0.1496, "c/vector"),
    PaperRow(7, "plus AVX intrinsics", 0.41, 337.812, 62_806, 0.4045, "c/intrinsics"),
)

DIFFERENCES = (
    "The paper's Python is Python 2 with its loops at global scope; here they run in a function, as a library's would.",
    "The program that made the paper's table compiled its C row with gcc -O0; that is c/naive-O0 here, and c/naive "
    "is the ordinary optimised build.",
    "The paper's machine had 18 cores; rows of one thread compare with this machine's, rows of all threads do not.",
    "The paper took the best of several runs for C and ran Python once, on unseeded inputs; its Python, Java and C "
    "results were not verified. Here every launch is verified whole, and rows give the median with its interval.",
)
