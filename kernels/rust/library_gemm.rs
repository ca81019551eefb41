// what changes: the product is one call of gemm, the matrix product under faer, Rust's linear algebra library
// why it is faster: its authors packed and tiled for the caches and for the vector unit that it finds when it runs
// what limits it now: gemm: the FMA units, and the share of the time in which it keeps them busy
// how it is built: cargo, gemm-f64 with its AVX-512 kernels, rayon in a pool of as many threads as may compute
#[path = "driver.rs"]
mod driver;
#[path = "rayon/pool.rs"]
mod pool;
use gemm_common::Parallelism;

fn multiply(a: &[f64], b: &[f64], c: &mut [f64], n: usize, rows: usize, threads: usize) {
    let product = gemm_f64::gemm::f64::get_gemm_fn();
    let (next_row, next_column) = (n as isize, 1);
    let parallel = if threads == 1 { Parallelism::None } else { Parallelism::Rayon(threads) };
    // C is not read: it becomes 1.0 * A * B. Nothing is complex, so nothing is conjugated.
    // Safety: a and c hold rows * n values, b holds n * n, in rows of n.
    pool::pool(threads).install(|| unsafe {
        product(
            rows, n, n,
            c.as_mut_ptr(), next_column, next_row, false,
            a.as_ptr(), next_column, next_row,
            b.as_ptr(), next_column, next_row,
            0.0, 1.0, false, false, false, parallel,
        )
    });
}

fn main() {
    driver::main(multiply);
}
