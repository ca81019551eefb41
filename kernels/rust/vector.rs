// what changes: the base case copies its block of B and is vectorised, by the compiler or in portable vectors
// why it is faster: the compiler makes it vector FMAs whose sums stay in registers, and the copy fits L1 whatever n is
// what limits it now: each FMA still loads its vector of B, and the copy is used for 64 rows only
// how it is built: as divide; -C target-cpu=native gives the compiler the widest vectors of the CPU, safe code
#[path = "driver.rs"]
mod driver;
#[path = "rayon/pool.rs"]
mod pool;
#[path = "shared.rs"]
mod shared;
use pool::pool;
use shared::{multiply_add_scalar, View, ViewMut};

const BASE: usize = 64;

#[repr(align(64))]
struct Block([[f64; BASE]; BASE]);

// c = or += a . b
fn multiply_block(a: View, b: View, c: &mut ViewMut, first: bool) {
    // Zeros where B ends early, so that every row has BASE values: the compiler then knows how many.
    let mut copy = Block([[0.0; BASE]; BASE]);
    for k in 0..b.rows {
        copy.0[k][..b.columns].copy_from_slice(b.row(k));
    }
    for i in 0..a.rows {
        let mut sums = [0.0; BASE];
        for (a_ik, b_k) in a.row(i).iter().zip(&copy.0) {
            for (sum, b_kj) in sums.iter_mut().zip(b_k) {
                *sum = multiply_add_scalar(*a_ik, *b_kj, *sum);
            }
        }
        for (c_ij, sum) in c.row(i).iter_mut().zip(sums) {
            *c_ij = if first { sum } else { *c_ij + sum };
        }
    }
}
// Halves of C are independent: they may run at the same time. Halves of the sums are not: one comes after the other.
fn divide(a: View, b: View, mut c: ViewMut, first: bool) {
    let (m, k, n) = (a.rows, a.columns, b.columns);
    let largest = m.max(n).max(k);
    // Whole base blocks, so that only the last ones are smaller.
    let half = (largest / 2).next_multiple_of(BASE);
    if largest <= BASE {
        multiply_block(a, b, &mut c, first);
    } else if m == largest {
        let ((a0, a1), (c0, c1)) = (a.split_rows(half), c.split_rows(half));
        rayon::join(|| divide(a0, b, c0, first), || divide(a1, b, c1, first));
    } else if n == largest {
        let ((b0, b1), (c0, c1)) = (b.split_columns(half), c.split_columns(half));
        rayon::join(|| divide(a, b0, c0, first), || divide(a, b1, c1, first));
    } else {
        let ((a0, a1), (b0, b1)) = (a.split_columns(half), b.split_rows(half));
        divide(a0, b0, c.again(), first);
        divide(a1, b1, c, false);
    }
}

fn multiply(a: &[f64], b: &[f64], c: &mut [f64], n: usize, rows: usize, threads: usize) {
    pool(threads).install(|| divide(View::new(a, rows, n), View::new(b, n, n), ViewMut::new(c, rows, n), true));
}

fn main() {
    driver::main(multiply);
}
