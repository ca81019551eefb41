# what changes: the product is halved along its longest side, again and again; halves of C are computed in parallel
# why it is faster: at some depth the three parts fit in each of the caches, whatever their sizes: B is read less often
# what limits it now: the loop at the bottom loads and stores C at every step, and its rows lie n * 8 bytes apart
# how it is built: njit compiles for explicit types, before the clock, fastmath off; Python runs parts of C on threads
import numba_cached  # noqa: F401 - before Numba
from ndarrays import main  # isort: split

from machine import run_all
from numba import float64, int64, njit, types, void

BASE = 64  # one of B's blocks, 32 KiB, about fills L1; below that the calls and the short loops would show

matrix = float64[:, ::1]
# base_case(a, b, c, i, j, k, rows, columns, depth): c[i : i + rows, j : j + columns] = the product of A's and B's parts
# from step k on, or += if k > 0, no side above BASE
base_case_type = void(matrix, matrix, matrix, int64, int64, int64, int64, int64, int64)


@njit(base_case_type, nogil=True, cache=True)
def base_case(a, b, c, i, j, k, rows, columns, depth):
    for r in range(i, i + rows):
        c_r = c[r, j : j + columns]  # slices, since an index that may be negative keeps Numba's loops from vectors
        if k == 0:
            c_r[:] = 0.0
        for s in range(k, k + depth):
            a_rs, b_s = a[r, s], b[s, j : j + columns]
            for q in range(columns):
                c_r[q] += a_rs * b_s[q]


@njit(void(types.FunctionType(base_case_type), *base_case_type.args), nogil=True, cache=True)
def divide(base_case, a, b, c, i, j, k, rows, columns, depth):
    """What the base case computes, with sides of any length."""
    longest = max(rows, columns, depth)
    half = longest // 2
    if longest <= BASE:
        base_case(a, b, c, i, j, k, rows, columns, depth)
    elif rows == longest:
        divide(base_case, a, b, c, i, j, k, half, columns, depth)
        divide(base_case, a, b, c, i + half, j, k, rows - half, columns, depth)
    elif columns == longest:
        divide(base_case, a, b, c, i, j, k, rows, half, depth)
        divide(base_case, a, b, c, i, j + half, k, rows, columns - half, depth)
    else:
        divide(base_case, a, b, c, i, j, k, rows, columns, half)
        divide(base_case, a, b, c, i, j, k + half, rows, columns, depth - half)


def divided(base_case):
    """multiply() by divide and conquer down to `base_case`."""

    def multiply(a, b, c, n, rows, threads):
        def multiply_part(i, j, rows, columns):
            divide(base_case, a, b, c, i, j, 0, rows, columns, n)

        run_all(multiply_part, parts(0, 0, rows, n, 8 * threads), threads)

    return multiply


def parts(i, j, rows, columns, count):
    """C halved along its longer side into about `count` parts: enough that threads of unequal speed end together."""
    if count <= 1 or max(rows, columns) <= BASE:
        return [(i, j, rows, columns)]
    if rows > columns:
        half = rows // 2
        return parts(i, j, half, columns, count // 2) + parts(i + half, j, rows - half, columns, count // 2)
    half = columns // 2
    return parts(i, j, rows, half, count // 2) + parts(i, j + half, rows, columns - half, count // 2)


if __name__ == "__main__":
    main(divided(base_case))
