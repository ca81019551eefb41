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
box = void(matrix, matrix, matrix, int64, int64, int64, int64, int64, int64)


@njit(box, nogil=True, cache=True)
def multiply_base(a, b, c, i0, i1, j0, j1, k0, k1):
    for i in range(i0, i1):
        c_i = c[i, j0:j1]  # slices, since an index that may be negative to Numba keeps the loop from being vectorised
        for k in range(k0, k1):
            a_ik, b_k = a[i, k], b[k, j0:j1]
            for j in range(j1 - j0):
                c_i[j] += a_ik * b_k[j]


@njit(void(types.FunctionType(box), *box.args), nogil=True, cache=True)
def add_product(base, a, b, c, i0, i1, j0, j1, k0, k1):
    """c[i0:i1, j0:j1] += a[i0:i1, k0:k1] . b[k0:k1, j0:j1], with `base` at the bottom."""
    i, j, k = (i0 + i1) // 2, (j0 + j1) // 2, (k0 + k1) // 2
    longest = max(i1 - i0, j1 - j0, k1 - k0)
    if longest <= BASE:
        base(a, b, c, i0, i1, j0, j1, k0, k1)
    elif i1 - i0 == longest:
        add_product(base, a, b, c, i0, i, j0, j1, k0, k1)
        add_product(base, a, b, c, i, i1, j0, j1, k0, k1)
    elif j1 - j0 == longest:
        add_product(base, a, b, c, i0, i1, j0, j, k0, k1)
        add_product(base, a, b, c, i0, i1, j, j1, k0, k1)
    else:
        add_product(base, a, b, c, i0, i1, j0, j1, k0, k)
        add_product(base, a, b, c, i0, i1, j0, j1, k, k1)


def divided(base):
    """multiply() by divide and conquer, with `base` at the bottom."""

    def multiply(a, b, c, n, rows, threads):
        def multiply_part(i0, i1, j0, j1):
            c[i0:i1, j0:j1] = 0.0
            add_product(base, a, b, c, i0, i1, j0, j1, 0, n)

        run_all(multiply_part, parts(0, rows, 0, n, 8 * threads), threads)

    return multiply


def parts(i0, i1, j0, j1, count):
    """C halved along its longer side into about `count` parts: enough that threads of unequal speed end together."""
    if count <= 1 or max(i1 - i0, j1 - j0) <= BASE:
        return [(i0, i1, j0, j1)]
    if i1 - i0 > j1 - j0:
        i = (i0 + i1) // 2
        return parts(i0, i, j0, j1, count // 2) + parts(i, i1, j0, j1, count // 2)
    j = (j0 + j1) // 2
    return parts(i0, i1, j0, j, count // 2) + parts(i0, i1, j, j1, count // 2)


if __name__ == "__main__":
    main(divided(multiply_base))
