// what changes: the rows of C are split evenly over the cores
// why it is faster: all cores work, and they need no locks, since no two write the same row
// what limits it now: every core streams all of B for each of its rows, and the cores share one memory
// how it is built: rustc -C opt-level=3 -C target-cpu=native, safe code: the borrow checker proves the split of C
#[path = "driver.rs"]
mod driver;

fn multiply_row(a_i: &[f64], b: &[f64], c_i: &mut [f64], n: usize) {
    c_i.fill(0.0);
    for (k, a_ik) in a_i.iter().enumerate() {
        let b_k = &b[k * n..][..n];
        for (c_ij, b_kj) in c_i.iter_mut().zip(b_k) {
            *c_ij += a_ik * b_kj;
        }
    }
}

fn multiply(a: &[f64], b: &[f64], c: &mut [f64], n: usize, rows: usize, threads: usize) {
    let threads = threads.min(rows);
    std::thread::scope(|scope| {
        let mut rest = c;
        for t in 0..threads {
            let (first, last) = (rows * t / threads, rows * (t + 1) / threads);
            let (c_t, others) = rest.split_at_mut((last - first) * n);
            rest = others;
            scope.spawn(move || {
                for i in first..last {
                    multiply_row(&a[i * n..][..n], b, &mut c_t[(i - first) * n..][..n], n);
                }
            });
        }
    });
}

fn main() {
    driver::main(multiply);
}
