// what changes: blocks of A and B are packed in the order of use; a micro-kernel keeps a tile of C in registers
// why it is faster: one load from L1 or L2 feeds two or three FMAs, all loads are of the bytes that come next
// what limits it now: the FMA units; the rest is packing
// how it is built: rustc -C opt-level=3 -C target-cpu=native, std::arch and std::thread::scope, no crate
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex, RwLock};

#[path = "driver.rs"]
mod driver;
#[path = "machine.rs"]
mod machine;
use machine::*;

const MR: usize = TILE_ROWS;
const NR: usize = TILE_VECTORS * LANES;

// A block of A, mc x kc, stays in L2; one of B, kc x nc, in L3. A micro-panel of each, kc long, stream from L2: shorter ones
// would fit L1, but C would be read and written more often; with longer ones than MAX_PANELS, a block of A would have so few
// rows that B comes from L3 too often.
struct Blocks {
    kc: usize,
    mc: usize,
    nc: usize,
}

const MAX_PANELS: usize = 256 << 10;

impl Blocks {
    fn new(n: usize, rows: usize, threads: usize) -> Blocks {
        // All threads read the same block of B, so that none has the third cache for itself.
        let (l2, l3) = (cache_bytes(2, threads, 1 << 20), cache_bytes(3, 1, 16 << 20));
        let down = |size: usize, unit: usize| (size / unit).max(1) * unit;
        let kc = down((l2 / 4).min(MAX_PANELS) / (8 * (MR + NR)), 8).min(n);
        // Not so tall that threads are left without a block.
        let mc = down(l2 / 2 / (8 * kc), MR).min(rows.div_ceil(threads).next_multiple_of(MR));
        let nc = down(l3 / 2 / (8 * kc), NR).min(n.next_multiple_of(NR));
        Blocks { kc, mc, nc }
    }
}

// The rows and columns of B that go into one packed block.
#[derive(Clone, Copy)]
struct Step {
    k: usize,
    kc: usize,
    j: usize,
    nc: usize,
}

// A block of A as micro-panels of MR rows, each column MR values side by side, zeros for rows beyond the last.
fn pack_a(a: &[f64], n: usize, step: Step, packed_a: &mut [f64]) {
    for (panel, rows) in packed_a.chunks_exact_mut(MR * step.kc).zip(a.chunks(MR * n)) {
        if rows.len() == MR * n {
            let rows: [&[f64]; MR] = std::array::from_fn(|i| &rows[i * n + step.k..][..step.kc]);
            for (k, column) in panel.chunks_exact_mut(MR).enumerate() {
                for i in 0..MR {
                    column[i] = rows[i][k];
                }
            }
        } else {
            panel.fill(0.0);
            for (i, row) in rows.chunks_exact(n).enumerate() {
                for (k, &value) in row[step.k..][..step.kc].iter().enumerate() {
                    panel[k * MR + i] = value;
                }
            }
        }
    }
}

// Micro-panels of NR columns of B from column j on, each row NR values side by side, zeros for columns beyond the last.
fn pack_b(b: &[f64], n: usize, step: Step, j: usize, packed_b: &mut [f64]) {
    for k in 0..step.kc {
        let row = &b[(step.k + k) * n..][..n];
        for (panel, j) in packed_b.chunks_exact_mut(NR * step.kc).zip((j..).step_by(NR)) {
            let to: &mut [f64; NR] = (&mut panel[k * NR..][..NR]).try_into().unwrap();
            if j + NR <= n {
                to.copy_from_slice(&row[j..][..NR]);
            } else {
                to.fill(0.0);
                to[..n - j].copy_from_slice(&row[j..]);
            }
        }
    }
}

// Lines that are needed soon: the first, and how many values lie from one to the next.
#[derive(Clone, Copy)]
struct Soon {
    first: *const f64,
    apart: usize,
}

// c[MR x NR] = a . b, or += if `add`: a micro-panel of A, MR x kc, and one of B, kc x NR. Rows of C are `stride` apart.
// Each step asks for a line that is needed soon.
#[inline(always)]
unsafe fn micro_kernel(kc: usize, a: *const f64, b: *const f64, c: *mut f64, stride: usize, add: bool, soon: Soon) {
    unsafe {
        // C is next in memory, not in a cache: asked for now, it is there when the sums are ready.
        for i in 0..MR {
            for j in 0..TILE_VECTORS {
                prefetch::<1>(c.add(i * stride + j * LANES));
            }
        }
        let mut sums = [[splat(0.0); TILE_VECTORS]; MR];
        for k in 0..kc {
            prefetch::<2>(soon.first.wrapping_add(k * soon.apart));
            let b_k: [Vector; TILE_VECTORS] = std::array::from_fn(|j| load(b.add(k * NR + j * LANES)));
            for i in 0..MR {
                let a_ik = splat(*a.add(k * MR + i));
                for j in 0..TILE_VECTORS {
                    sums[i][j] = multiply_add(a_ik, b_k[j], sums[i][j]);
                }
            }
        }
        for i in 0..MR {
            for j in 0..TILE_VECTORS {
                let c_ij = c.add(i * stride + j * LANES);
                store(c_ij, if add { machine::add(load(c_ij), sums[i][j]) } else { sums[i][j] });
            }
        }
    }
}

// Rows of C = a . b, or += after the first step: a packed block of A, and some packed columns of B, from column `first` on.
// The next micro-panel of B is fetched meanwhile, a part in each tile: the first tile would wait for all of it.
fn macro_kernel(a: &[f64], b: &[f64], c: &mut [f64], n: usize, step: Step, first: usize) {
    let add = step.k > 0;
    let apart = (NR * MR * n).div_ceil(c.len());
    for (b, j) in b.chunks_exact(NR * step.kc).zip((first..).step_by(NR)) {
        let columns = NR.min(n - j);
        let next = b.as_ptr_range().end; // behind the last part of a block, this is another's, and only a hint
        for (i, (a, c)) in a.chunks_exact(MR * step.kc).zip(c.chunks_mut(MR * n)).enumerate() {
            let soon = Soon { first: next.wrapping_add(i * step.kc * apart), apart };
            let rows = c.len() / n;
            if rows == MR && columns == NR {
                let c = &mut c[j..][..(MR - 1) * n + NR];
                unsafe { micro_kernel(step.kc, a.as_ptr(), b.as_ptr(), c.as_mut_ptr(), n, add, soon) };
            } else {
                // At the edges of C the tile is made aside, and what lies inside is copied.
                let mut tile = [0.0; MR * NR];
                unsafe { micro_kernel(step.kc, a.as_ptr(), b.as_ptr(), tile.as_mut_ptr(), NR, false, soon) };
                for (c_i, tile_i) in c.chunks_exact_mut(n).zip(tile.chunks_exact(NR)) {
                    for (c_ij, sum) in c_i[j..][..columns].iter_mut().zip(tile_i) {
                        *c_ij = if add { *c_ij + sum } else { *sum };
                    }
                }
            }
        }
    }
}

// Two blocks of B, and one of A for each thread.
static WORKSPACES: Mutex<Vec<Workspace>> = Mutex::new(Vec::new());
// What a thread packs of B at a time: long enough pieces of rows for the prefetcher.
const PACK_COLUMNS: usize = 8 * NR;

pub fn multiply(a: &[f64], b: &[f64], c: &mut [f64], n: usize, rows: usize, threads: usize) {
    let threads = threads.min(n.div_ceil(MR));
    let Blocks { kc, mc, nc } = Blocks::new(n, rows, threads);
    let steps: Vec<Step> = (0..n)
        .step_by(nc)
        .flat_map(|j| (0..n).step_by(kc).map(move |k| (j, k)))
        .map(|(j, k)| Step { k, kc: kc.min(n - k), j, nc: nc.min((n - j).next_multiple_of(NR)) })
        .collect();

    let mut workspaces = WORKSPACES.lock().unwrap();
    workspaces.resize_with(2 + threads, Workspace::new);
    let [even_b, odd_b, packed_a, others_a @ ..] = &mut workspaces[..] else { unreachable!() };
    // Block s of B is packed into the parts s % 2, each by one thread, and then read by all.
    let packed_b = [even_b, odd_b].map(|block| {
        block.values(kc * nc).chunks_mut(PACK_COLUMNS * kc).map(RwLock::new).collect::<Vec<_>>()
    });
    let next_parts: Vec<AtomicUsize> = steps.iter().map(|_| AtomicUsize::new(0)).collect();
    // Blocks of rows of C, and of A beside them; each goes from one queue to the other as it meets block s of B.
    let blocks: VecDeque<_> = c.chunks_mut(mc * n).zip(a.chunks(mc * n)).collect();
    let queues = [Mutex::new(blocks), Mutex::new(VecDeque::new())];
    let barrier = Barrier::new(threads);

    // The threads pack the first block of B. Then they multiply by each, and pack the one that comes after it: they take
    // blocks of rows of C from a queue, then parts of B, so that none waits long for the others.
    let pack_parts = |s: usize| {
        let step = steps[s];
        loop {
            let part = next_parts[s].fetch_add(1, Ordering::Relaxed);
            let first = part * PACK_COLUMNS;
            if first >= step.nc {
                return;
            }
            let columns = PACK_COLUMNS.min(step.nc - first);
            let mut packed = packed_b[s % 2][part].write().unwrap();
            pack_b(b, n, step, step.j + first, &mut packed[..columns * step.kc]);
        }
    };
    let work = |packed_a: &mut Workspace| {
        pack_parts(0);
        for (s, &step) in steps.iter().enumerate() {
            barrier.wait();
            while let Some((c, a)) = take(&queues[s % 2]) {
                let packed_a = packed_a.values((c.len() / n).next_multiple_of(MR) * step.kc);
                pack_a(a, n, step, packed_a);
                for (part, first) in packed_b[s % 2].iter().zip((0..step.nc).step_by(PACK_COLUMNS)) {
                    let columns = PACK_COLUMNS.min(step.nc - first);
                    macro_kernel(packed_a, &part.read().unwrap()[..columns * step.kc], c, n, step, step.j + first);
                }
                queues[(s + 1) % 2].lock().unwrap().push_back((c, a));
            }
            if s + 1 < steps.len() {
                pack_parts(s + 1);
            }
        }
    };
    std::thread::scope(|scope| {
        for packed_a in others_a {
            scope.spawn(|| work(packed_a));
        }
        work(packed_a);
    });
}

// A function of its own, so that the lock is open again before the work starts.
fn take<T>(queue: &Mutex<VecDeque<T>>) -> Option<T> {
    queue.lock().unwrap().pop_front()
}

fn main() {
    driver::main(multiply);
}
