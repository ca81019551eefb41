# what changes: the base case copies its block of B and is vectorised, by the compiler or in portable vectors
# why it is faster: C is loaded and stored once in eight steps; the copies' rows lie together, so that they stay in L1
# what limits it now: each element of B that is loaded serves one row of C only: the loads wait, not the FP64 units
# how it is built: as divide; fastmath={"contract"} lets LLVM make FMAs, as gcc does by default, and nothing else
import numba_cached  # noqa: F401 - before Numba
from ndarrays import main  # isort: split

import numpy as np
from divide_numba import BASE, base_case_type, divided
from numba import njit

STEPS = 8  # a divisor of BASE


@njit(base_case_type, fastmath={"contract"}, nogil=True, cache=True)
def base_case(a, b, c, i, j, k, rows, columns, depth):
    a_block, b_block = np.zeros((BASE, BASE)), np.zeros((BASE, BASE))
    a_block[:rows, :depth] = a[i : i + rows, k : k + depth]
    b_block[:depth, :columns] = b[k : k + depth, j : j + columns]
    for r in range(rows):
        c_r = c[i + r, j : j + columns]
        if k == 0:
            c_r[:] = 0.0
        for s in range(0, depth, STEPS):
            for q in range(columns):
                total = 0.0
                for step in range(STEPS):
                    total += a_block[r, s + step] * b_block[s + step, q]
                c_r[q] += total


if __name__ == "__main__":
    main(divided(base_case))
