# what changes: the base case copies its block of B and is vectorised, by the compiler or in portable vectors
# why it is faster: C is loaded and stored once in eight steps; the copies' rows lie together, so that they stay in L1
# what limits it now: each element of B that is loaded serves one row of C only: the loads wait, not the FP64 units
# how it is built: as divide; fastmath={"contract"} lets LLVM make FMAs, as gcc does by default, and nothing else
import numba_cached  # noqa: F401 - before Numba
from ndarrays import main  # isort: split

import numpy as np
from divide_numba import BASE, box, divided
from numba import njit

STEPS = 8  # a divisor of BASE


@njit(box, fastmath={"contract"}, nogil=True, cache=True)
def multiply_base(a, b, c, i0, i1, j0, j1, k0, k1):
    a_block, b_block = np.zeros((BASE, BASE)), np.zeros((BASE, BASE))
    a_block[: i1 - i0, : k1 - k0] = a[i0:i1, k0:k1]
    b_block[: k1 - k0, : j1 - j0] = b[k0:k1, j0:j1]
    for i in range(i1 - i0):
        c_i = c[i0 + i, j0:j1]
        for k in range(0, k1 - k0, STEPS):
            for j in range(j1 - j0):
                total = 0.0
                for step in range(STEPS):
                    total += a_block[i, k + step] * b_block[k + step, j]
                c_i[j] += total


if __name__ == "__main__":
    main(divided(multiply_base))
