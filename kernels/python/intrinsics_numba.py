# what changes: the base case is written for the CPU's vector unit, and keeps a tile of C in its registers
# why it is faster: nothing but A and B is loaded in the inner loop, and each element of them serves several FMAs
# what limits it now: rows of A and C lie n * 8 bytes apart: at n = 4096 they share few cache sets and need many pages
# how it is built: as divide; numba.extending.intrinsic hands the tile's instructions to LLVM as they are
import numba_cached  # noqa: F401 - before Numba
from ndarrays import main  # isort: split

import numpy as np
from divide_numba import BASE, base_case_type, divided
from divide_numba import base_case as plain_base_case
from numba import njit
from numba_tile import LANES, REGISTERS, tile_product

# Both divide the 64 of a base case, and leave registers for B and an element of A.
ROWS, VECTORS = (8, 2) if REGISTERS == 32 else (4, 2)
COLUMNS = VECTORS * LANES

multiply_tile = tile_product(ROWS, VECTORS)


@njit(base_case_type, nogil=True, cache=True)
def base_case(a, b, c, i, j, k, rows, columns, depth):
    whole_rows, whole_columns = rows - rows % ROWS, columns - columns % COLUMNS
    b_block = np.empty((BASE, BASE))
    b_block[:depth, :whole_columns] = b[k : k + depth, j : j + whole_columns]
    for q in range(0, whole_columns, COLUMNS):
        for r in range(i, i + whole_rows, ROWS):
            tile = c[r : r + ROWS, j + q : j + q + COLUMNS]
            multiply_tile(tile, a[r : r + ROWS, k : k + depth], b_block[:depth, q : q + COLUMNS], k > 0)
    # right of the tiles, and below them
    plain_base_case(a, b, c, i, j + whole_columns, k, whole_rows, columns - whole_columns, depth)
    plain_base_case(a, b, c, i + whole_rows, j, k, rows - whole_rows, columns, depth)


if __name__ == "__main__":
    main(divided(base_case))
