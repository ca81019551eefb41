// what changes: the product is halved along its longest side, again and again; halves of C are computed in parallel
// why it is faster: at some depth the blocks fit each cache, whatever its size, and are used there many times
// what limits it now: a loop that is too short for its start and end, and rows 2^k apart that fight over a cache's sets
// how it is built: cargo, with rayon for its work stealing; -C opt-level=3 -C target-cpu=native, safe code
#[path = "driver.rs"]
mod driver;
#[path = "rayon/pool.rs"]
mod pool;
#[path = "shared.rs"]
mod shared;
use pool::pool;
use shared::{View, ViewMut};

// Three blocks of 64 x 64 take 96 KB, well within L2; a call costs little beside their 2 * 64^3 operations.
const BASE: usize = 64;

// c = or += a . b
fn multiply_block(a: View, b: View, c: &mut ViewMut, first: bool) {
    for i in 0..a.rows {
        let c_i = c.row(i);
        if first {
            c_i.fill(0.0);
        }
        for (k, a_ik) in a.row(i).iter().enumerate() {
            for (c_ij, b_kj) in c_i.iter_mut().zip(b.row(k)) {
                *c_ij += a_ik * b_kj;
            }
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
