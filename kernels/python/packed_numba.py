# what changes: blocks of A and B are packed in the order of use; a micro-kernel keeps a tile of C in registers
# why it is faster: a tile loads little for what it computes, all of it in order and from the caches the blocks fit in
# what limits it now: the FP64 units; packing, the ends of tiles and the wait for the last thread take the rest
# how it is built: compiled by Numba for explicit types before the clock, as C is; the tile is LLVM vectors and FMAs
import numba_cached  # noqa: F401 - before Numba
from ndarrays import main  # isort: split

import numpy as np
from machine import cache_bytes, run_all
from numba import float64, njit, void
from numba import int64 as index
from numba_tile import LANES, REGISTERS, tile_product

# Of 32 vector registers 24 hold the tile, of 16 (AVX2) 12; the others hold B's columns and an element of A.
ROWS, VECTORS = (8, 3) if REGISTERS == 32 else (6, 2)
COLUMNS = VECTORS * LANES

# A panel of A and one of B take twice the L1 cache (they stream from L2), a block of A half of L2, one of B half of L3.
K_BLOCK = max(8, 2 * cache_bytes(1) // (8 * (ROWS + COLUMNS)) // 8 * 8)
ROW_BLOCK = max(ROWS, cache_bytes(2) // 2 // (8 * K_BLOCK) // ROWS * ROWS)
COLUMN_BLOCK = max(COLUMNS, cache_bytes(3) // 2 // (8 * K_BLOCK) // COLUMNS * COLUMNS)


def multiply(a, b, c, n, rows, threads):
    """Blocks of B, one after the other, each packed and then multiplied by all of A's rows, by all threads."""
    width = min(COLUMN_BLOCK, rounded_up(n, COLUMNS))
    height = min(ROW_BLOCK, rounded_up(-(-rows // threads), ROWS))
    b_panels = workspace(width // COLUMNS)
    for j in range(0, n, width):
        panels = -(-min(width, n - j) // COLUMNS)
        for k in range(0, n, K_BLOCK):
            depth = min(K_BLOCK, n - k)
            share = -(-panels // (4 * threads))
            packs = [(b, b_panels, j, k, depth, p, min(p + share, panels)) for p in range(0, panels, share)]
            run_all(pack_b, packs, threads)
            blocks = [(a, b_panels, c, i, min(i + height, rows), j, k, depth, panels) for i in range(0, rows, height)]
            run_all(multiply_block, blocks, threads)


def rounded_up(count, step):
    return -(-count // step) * step


multiply_tile = tile_product(ROWS, VECTORS)
workspaces = {}


def workspace(panels):
    """Packed panels of B, starting at a cache line; the same ones for every repetition."""
    if panels not in workspaces:
        values = np.empty(panels * K_BLOCK * COLUMNS + 8)
        start = -values.ctypes.data % 64 // 8
        workspaces[panels] = values[start : start + values.size - 8].reshape(panels, K_BLOCK, COLUMNS)
    return workspaces[panels]


matrix, panels_type = float64[:, ::1], float64[:, :, ::1]


@njit(void(matrix, panels_type, index, index, index, index, index), nogil=True, cache=True)
def pack_b(b, b_panels, j, k, depth, first, last):
    """Panels of COLUMNS columns; those past the edge of B are zeros."""
    n = b.shape[1]
    for k_panel in range(depth):
        for p in range(first, last):
            j_panel = j + p * COLUMNS
            if j_panel + COLUMNS <= n:
                for x in range(COLUMNS):
                    b_panels[p, k_panel, x] = b[k + k_panel, j_panel + x]
            else:
                for x in range(COLUMNS):
                    b_panels[p, k_panel, x] = b[k + k_panel, j_panel + x] if j_panel + x < n else 0.0


@njit(void(matrix, panels_type, index, index, index, index), nogil=True, cache=True)
def pack_a(a, a_panels, i, end, k, depth):
    """Panels of ROWS rows, column after column; those past the edge of A are zeros."""
    for p in range(a_panels.shape[0]):
        i_panel = i + p * ROWS
        for k_panel in range(depth):
            for x in range(ROWS):
                a_panels[p, k_panel, x] = a[i_panel + x, k + k_panel] if i_panel + x < end else 0.0


@njit(void(matrix, panels_type, matrix, index, index, index, index, index, index), nogil=True, cache=True)
def multiply_block(a, b_panels, c, first, last, j, k, depth, panels):
    """c[first:last, j:] += a[first:last, k : k + depth] . the packed block of B; `=` where k is 0."""
    n = c.shape[1]
    a_panels = np.empty(((last - first + ROWS - 1) // ROWS, K_BLOCK, ROWS))
    edge = np.empty((ROWS, COLUMNS))
    pack_a(a, a_panels, first, last, k, depth)
    for q in range(panels):
        j_tile = j + q * COLUMNS
        for p in range(a_panels.shape[0]):
            i_tile = first + p * ROWS
            if i_tile + ROWS <= last and j_tile + COLUMNS <= n:
                tile = c[i_tile : i_tile + ROWS, j_tile : j_tile + COLUMNS]
                multiply_tile(tile, a_panels[p, :depth].T, b_panels[q, :depth], k > 0)
            else:
                multiply_tile(edge, a_panels[p, :depth].T, b_panels[q, :depth], False)
                for x in range(min(ROWS, last - i_tile)):
                    for y in range(min(COLUMNS, n - j_tile)):
                        old = c[i_tile + x, j_tile + y] if k > 0 else 0.0
                        c[i_tile + x, j_tile + y] = old + edge[x, y]


if __name__ == "__main__":
    main(multiply)
