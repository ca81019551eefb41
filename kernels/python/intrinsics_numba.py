# what changes: the base case is written for the CPU's vector unit, and keeps a tile of C in its registers
# why it is faster: nothing but A and B is loaded in the inner loop, and each element of them serves several FMAs
# what limits it now: rows of a block lie n * 8 bytes apart: at n = 4096 they share few cache sets and need many pages
# how it is built: as divide; numba.extending.intrinsic hands the tile's instructions to LLVM as they are
import numba_cached  # noqa: F401 - before Numba
from ndarrays import main  # isort: split

from divide_numba import box, divided
from divide_numba import multiply_base as multiply_edge
from numba import njit
from numba_tile import LANES, REGISTERS, tile_product

# Both divide the 64 of a base case, and leave registers for B and an element of A.
ROWS, VECTORS = (8, 2) if REGISTERS == 32 else (4, 2)
COLUMNS = VECTORS * LANES

multiply_tile = tile_product(ROWS, VECTORS)


@njit(box, nogil=True, cache=True)
def multiply_base(a, b, c, i0, i1, j0, j1, k0, k1):
    i2, j2 = i1 - (i1 - i0) % ROWS, j1 - (j1 - j0) % COLUMNS
    for j in range(j0, j2, COLUMNS):
        for i in range(i0, i2, ROWS):
            tile = c[i : i + ROWS, j : j + COLUMNS]
            multiply_tile(tile, a[i : i + ROWS, k0:k1], b[k0:k1, j : j + COLUMNS], True)
    multiply_edge(a, b, c, i0, i2, j2, j1, k0, k1)
    multiply_edge(a, b, c, i2, i1, j0, j1, k0, k1)


if __name__ == "__main__":
    main(divided(multiply_base))
