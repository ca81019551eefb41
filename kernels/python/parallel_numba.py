# what changes: the rows of C are split evenly over the cores
# why it is faster: all cores work, on the same arrays: compiled loops need no interpreter, and so do not wait for it
# what limits it now: every core streams all of B for each of its rows, and the cores share one memory
# how it is built: njit with explicit types and parallel=True, before the clock: prange shares its steps out to threads
import numba_cached  # noqa: F401 - before Numba
from ndarrays import main  # isort: split

from numba import float64, int64, njit, prange, void

matrix = float64[:, ::1]


@njit(void(matrix, matrix, matrix, int64, int64, int64), parallel=True, cache=True)
def multiply(a, b, c, n, rows, threads):
    for i in prange(rows):
        for j in range(n):
            c[i, j] = 0.0
        for k in range(n):
            for j in range(n):
                c[i, j] += a[i, k] * b[k, j]


if __name__ == "__main__":
    main(multiply)
