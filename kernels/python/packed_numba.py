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
MR, VECTORS = (8, 3) if REGISTERS == 32 else (6, 2)
NR = VECTORS * LANES

# A micro-panel of A and one of B take a quarter of L2, from which they stream: with shorter ones, C would be touched
# more often. With longer ones than MAX_PANELS, a block of A would have so few rows that B comes from L3 too often.
# A block of A takes half of L2, one of B half of L3, which all threads read.
MAX_PANELS = 256 << 10
KC = max(8, min(cache_bytes(2) // 4, MAX_PANELS) // (8 * (MR + NR)) // 8 * 8)
MC = max(MR, cache_bytes(2) // 2 // (8 * KC) // MR * MR)
NC = max(NR, cache_bytes(3, shared=False) // 2 // (8 * KC) // NR * NR)


def multiply(a, b, c, n, rows, threads):
    """Blocks of B, one after the other, each packed and then multiplied by all of A's rows, by all threads."""
    max_mc = min(MC, rounded_up(-(-rows // threads), MR))
    max_nc = min(NC, rounded_up(n, NR))
    packed_b = workspace(max_nc // NR)
    for j in range(0, n, max_nc):
        nc = min(max_nc, n - j)
        panels = -(-nc // NR)
        for k in range(0, n, KC):
            kc = min(KC, n - k)
            share = -(-panels // (4 * threads))
            packs = [(b, k, j, p, min(p + share, panels), kc, packed_b) for p in range(0, panels, share)]
            run_all(pack_b, packs, threads)
            blocks = [(a, packed_b, c, i, j, k, min(max_mc, rows - i), nc, kc) for i in range(0, rows, max_mc)]
            run_all(multiply_block, blocks, threads)


def rounded_up(count, step):
    return -(-count // step) * step


micro_kernel = tile_product(MR, VECTORS)
workspaces = {}


def workspace(panels):
    """Micro-panels of B, starting at a cache line; the same ones for every repetition."""
    if panels not in workspaces:
        values = np.empty(panels * KC * NR + 8)
        start = -values.ctypes.data % 64 // 8
        workspaces[panels] = values[start : start + values.size - 8].reshape(panels, KC, NR)
    return workspaces[panels]


matrix, panels_type = float64[:, ::1], float64[:, :, ::1]


@njit(void(matrix, index, index, index, index, index, panels_type), nogil=True, cache=True)
def pack_b(b, k, j, first, last, kc, packed_b):
    """The micro-panels first to last of a block of B, NR columns each; those past the edge of B are zeros."""
    n = b.shape[1]
    for s in range(kc):
        for p in range(first, last):
            j_panel = j + p * NR
            if j_panel + NR <= n:
                for x in range(NR):
                    packed_b[p, s, x] = b[k + s, j_panel + x]
            else:
                for x in range(NR):
                    packed_b[p, s, x] = b[k + s, j_panel + x] if j_panel + x < n else 0.0


@njit(void(matrix, index, index, index, index, panels_type), nogil=True, cache=True)
def pack_a(a, i, k, mc, kc, packed_a):
    """A block of A as micro-panels of MR rows, column after column; rows past the edge of the block are zeros."""
    for p in range(packed_a.shape[0]):
        i_panel = i + p * MR
        for s in range(kc):
            for x in range(MR):
                packed_a[p, s, x] = a[i_panel + x, k + s] if i_panel + x < i + mc else 0.0


@njit(inline="always")  # so that the compiler sees packed_a made: strides that are constants cost no registers
def macro_kernel(packed_a, packed_b, c, i, j, mc, nc, kc, add):
    """c[i : i + mc, j : j + nc] = the product of two packed blocks, or += if `add`."""
    edge = np.empty((MR, NR))
    for q in range((nc + NR - 1) // NR):
        for p in range((mc + MR - 1) // MR):
            i_tile, j_tile = i + p * MR, j + q * NR
            if (p + 1) * MR <= mc and (q + 1) * NR <= nc:
                tile = c[i_tile : i_tile + MR, j_tile : j_tile + NR]
                micro_kernel(tile, packed_a[p, :kc].T, packed_b[q, :kc], add)
            else:
                micro_kernel(edge, packed_a[p, :kc].T, packed_b[q, :kc], False)
                for x in range(min(MR, mc - p * MR)):
                    for y in range(min(NR, nc - q * NR)):
                        old = c[i_tile + x, j_tile + y] if add else 0.0
                        c[i_tile + x, j_tile + y] = old + edge[x, y]


@njit(void(matrix, panels_type, matrix, index, index, index, index, index, index), nogil=True, cache=True)
def multiply_block(a, packed_b, c, i, j, k, mc, nc, kc):
    """c[i : i + mc, j : j + nc] = a block of A, packed here, . the packed block of B, or += if k > 0."""
    packed_a = np.empty(((mc + MR - 1) // MR, KC, MR))
    pack_a(a, i, k, mc, kc, packed_a)
    macro_kernel(packed_a, packed_b, c, i, j, mc, nc, kc, k > 0)


if __name__ == "__main__":
    main(multiply)
