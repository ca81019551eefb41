// what changes: the base case is written for the CPU's vector unit, and keeps a tile of C in its registers
// why it is faster: a vector of B, once loaded, serves 8 FMAs, and a value of A 3; before, each FMA had its own load
// what limits it now: A, B and C come from L3 at each base case: rows 2^k apart share few sets of L1 and L2
// how it is built: as divide; std::arch (machine.rs): AVX-512 or AVX2 and FMA, by the CPU, pairs of doubles elsewhere
#[path = "divide.rs"]
#[allow(dead_code)] // its own base case
mod divide;
#[path = "machine.rs"]
mod machine;
use divide::{driver, View, ViewMut};
use machine::*;

// A multiple of each TILE_ROWS and each width of a tile, so that only the edges of C have tiles that are not whole.
const BASE: usize = 96;
const WIDTH: usize = TILE_VECTORS * LANES;

#[repr(align(64))]
struct Block([[f64; BASE]; BASE]);

// c = a . b, or += if `add`
fn base_case(a: View, b: View, c: &mut ViewMut, add: bool) {
    let mut copy = Block([[0.0; BASE]; BASE]);
    for k in 0..b.rows {
        copy.0[k][..b.columns].copy_from_slice(b.row(k));
    }
    for j in (0..b.columns).step_by(WIDTH) {
        for i in (0..a.rows).step_by(TILE_ROWS) {
            // Below the last row it stands in for those that are missing; what comes of it is not stored.
            let a_rows = std::array::from_fn(|row| a.row((i + row).min(a.rows - 1)).as_ptr());
            let sums = unsafe { multiply_tile(a_rows, &copy.0[0][j], a.columns) };
            for (row, sums) in sums.iter().enumerate().take(a.rows - i) {
                put_row(sums, &mut c.row(i + row)[j..], add);
            }
        }
    }
}

// TILE_ROWS rows of A . WIDTH columns of the copy of B
#[inline(always)]
unsafe fn multiply_tile(
    a: [*const f64; TILE_ROWS],
    b: *const f64,
    columns: usize,
) -> [[Vector; TILE_VECTORS]; TILE_ROWS] {
    unsafe {
        let mut sums = [[splat(0.0); TILE_VECTORS]; TILE_ROWS];
        for k in 0..columns {
            let b_k: [Vector; TILE_VECTORS] = std::array::from_fn(|j| load(b.add(k * BASE + j * LANES)));
            for (sums, a) in sums.iter_mut().zip(a) {
                let a_ik = splat(*a.add(k));
                for (sum, b_kj) in sums.iter_mut().zip(b_k) {
                    *sum = multiply_add(a_ik, b_kj, *sum);
                }
            }
        }
        sums
    }
}

// c = a row of a tile, or += if `add`, as far as c goes
#[inline(always)]
fn put_row(sums: &[Vector; TILE_VECTORS], c: &mut [f64], add: bool) {
    if c.len() >= WIDTH {
        for (sum, c) in sums.iter().zip(c.chunks_exact_mut(LANES)) {
            unsafe { store(c.as_mut_ptr(), if add { machine::add(load(c.as_ptr()), *sum) } else { *sum }) };
        }
    } else {
        let mut row = [0.0; WIDTH];
        for (sum, row) in sums.iter().zip(row.chunks_exact_mut(LANES)) {
            unsafe { store(row.as_mut_ptr(), *sum) };
        }
        for (c_ij, sum) in c.iter_mut().zip(row) {
            *c_ij = if add { *c_ij + sum } else { sum };
        }
    }
}

fn multiply(a: &[f64], b: &[f64], c: &mut [f64], n: usize, rows: usize, threads: usize) {
    divide::product::<BASE>(base_case, a, b, c, n, rows, threads);
}

fn main() {
    driver::main(multiply);
}
