// what changes: the j and k loops change places
// why it is faster: B and C are now read along their rows: whole cache lines are used, and the inner loop vectorises
// what limits it now: all of B streams from memory again for each row of C, and one core does all the work
// how it is built: rustc -C opt-level=3 -C target-cpu=native, safe code: slices tell the compiler that nothing overlaps
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

fn multiply(a: &[f64], b: &[f64], c: &mut [f64], n: usize, rows: usize, _threads: usize) {
    for i in 0..rows {
        multiply_row(&a[i * n..][..n], b, &mut c[i * n..][..n], n);
    }
}

fn main() {
    driver::main(multiply);
}
