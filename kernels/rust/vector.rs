// what changes: the base case copies its block of B and is vectorised, by the compiler or in portable vectors
// why it is faster: the compiler makes it vector FMAs whose sums stay in registers, and the copy fits L1 whatever n is
// what limits it now: each FMA still loads its vector of B, and the copy is used for 64 rows only
// how it is built: as divide; -C target-cpu=native gives the compiler the widest vectors of the CPU, safe code
#[path = "divide.rs"]
#[allow(dead_code)] // its own base case
mod divide;
#[path = "machine.rs"]
mod machine;
use divide::{driver, View, ViewMut};
use machine::{multiply_add_scalar, LANES};

const BASE: usize = 64;
// Eight vectors of sums: as many as hide how long an FMA takes.
const WIDTH: usize = 8 * LANES;

#[repr(align(64))]
struct Block([[[f64; WIDTH]; BASE / WIDTH]; BASE]);

// c = a . b, or += if `add`
fn base_case(a: View, b: View, c: &mut ViewMut, add: bool) {
    // Zeros where B ends early, so that every row has BASE values: the compiler then knows how many.
    let mut copy = Block([[[0.0; WIDTH]; BASE / WIDTH]; BASE]);
    for k in 0..b.rows {
        copy.0[k].as_flattened_mut()[..b.columns].copy_from_slice(b.row(k));
    }
    for i in 0..a.rows {
        for (strip, c) in c.row(i).chunks_mut(WIDTH).enumerate() {
            let mut sums = [0.0; WIDTH];
            for (a_ik, b_k) in a.row(i).iter().zip(&copy.0) {
                for (sum, b_kj) in sums.iter_mut().zip(&b_k[strip]) {
                    *sum = multiply_add_scalar(*a_ik, *b_kj, *sum);
                }
            }
            for (c_ij, sum) in c.iter_mut().zip(sums) {
                *c_ij = if add { *c_ij + sum } else { sum };
            }
        }
    }
}

fn multiply(a: &[f64], b: &[f64], c: &mut [f64], n: usize, rows: usize, threads: usize) {
    divide::product::<BASE>(base_case, a, b, c, n, rows, threads);
}

fn main() {
    driver::main(multiply);
}
