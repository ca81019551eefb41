
// Prints the rate of the micro-kernel on packed panels that stay in the caches, in GFLOPS: the best of many chunks.
fn main() {
    const KC: usize = 256;
    const PANELS: usize = 32;
    const PASSES: usize = 16;
    const CHUNKS: usize = 100;
    let (mut a, mut b, mut c) = (Workspace::new(), Workspace::new(), Workspace::new());
    let (a, b, c) = (a.values(PANELS * MR * KC), b.values(KC * NR), c.values(PANELS * MR * NR));
    a.fill(0.5);
    b.fill(0.25);
    let mut best = 0.0_f64;
    for _ in 0..CHUNKS {
        let start = std::time::Instant::now();
        for pass in 0..PASSES {
            // A second step in k adds to C.
            macro_kernel(a, b, c, NR, Step { k: pass, kc: KC, j: 0, nc: NR }, 0);
        }
        best = best.max(2e-9 * (PASSES * PANELS * MR * NR * KC) as f64 / start.elapsed().as_secs_f64());
    }
    assert!(c.iter().all(|&sum| sum == 0.125 * (KC * PASSES) as f64));
    println!("{best}");
}
