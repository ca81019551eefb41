// what changes: the product is halved along its longest side, again and again; halves of C are computed in parallel
// why it is faster: at some depth the blocks fit each cache, whatever its size, and are used there many times
// what limits it now: a loop that is too short for its start and end, and rows 2^k apart that fight over a cache's sets
// how it is built: cargo, with rayon for its work stealing; -C opt-level=3 -C target-cpu=native, safe code
#[path = "driver.rs"]
pub mod driver;
#[path = "rayon/pool.rs"]
mod pool;
#[path = "view.rs"]
mod view;
pub use view::{View, ViewMut};

// Three blocks of 64 x 64 take 96 KB, well within L2; a call costs little beside their 2 * 64^3 operations.
const BASE: usize = 64;

// base_case(a, b, c, add): c = a . b, or += if `add`, where no side is above BASE.
pub type BaseCase = fn(View, View, &mut ViewMut, bool);

fn base_case(a: View, b: View, c: &mut ViewMut, add: bool) {
    for i in 0..a.rows {
        let c_i = c.row(i);
        if !add {
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
fn divide<const BASE: usize>(base_case: BaseCase, a: View, b: View, mut c: ViewMut, add: bool) {
    let divide = divide::<BASE>;
    let (rows, columns, depth) = (a.rows, b.columns, a.columns);
    let longest = rows.max(columns).max(depth);
    // Whole base cases, so that only the last ones are smaller.
    let half = (longest / 2).next_multiple_of(BASE);
    if longest <= BASE {
        base_case(a, b, &mut c, add);
    } else if rows == longest {
        let ((a0, a1), (c0, c1)) = (a.split_rows(half), c.split_rows(half));
        rayon::join(|| divide(base_case, a0, b, c0, add), || divide(base_case, a1, b, c1, add));
    } else if columns == longest {
        let ((b0, b1), (c0, c1)) = (b.split_columns(half), c.split_columns(half));
        rayon::join(|| divide(base_case, a, b0, c0, add), || divide(base_case, a, b1, c1, add));
    } else {
        let ((a0, a1), (b0, b1)) = (a.split_columns(half), b.split_rows(half));
        divide(base_case, a0, b0, c.again(), add);
        divide(base_case, a1, b1, c, true);
    }
}

// multiply() by divide and conquer down to `base_case`, for the rungs that have one of their own.
pub fn product<const BASE: usize>(
    base_case: BaseCase,
    a: &[f64],
    b: &[f64],
    c: &mut [f64],
    n: usize,
    rows: usize,
    threads: usize,
) {
    let (a, b, c) = (View::new(a, rows, n), View::new(b, n, n), ViewMut::new(c, rows, n));
    pool::pool(threads).install(|| divide::<BASE>(base_case, a, b, c, false));
}

fn multiply(a: &[f64], b: &[f64], c: &mut [f64], n: usize, rows: usize, threads: usize) {
    product::<BASE>(base_case, a, b, c, n, rows, threads);
}

fn main() {
    driver::main(multiply);
}
