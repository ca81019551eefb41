// what changes: 15 products of bytes, modulo 15 numbers, on the CPU's matrix engine, take the place of one of doubles
// why it is faster: a tile instruction is 16,384 multiply-adds of bytes, 64 times what the FMA units do meanwhile
// what limits it now: the engine's rate; it waits while residues are made before it, and C is put together after it
// how it is built: rustc -C opt-level=3 -C target-cpu=native --cfg engine_amx, asm! for the tiles, packed.rs beside it
#![allow(unexpected_cfgs)] // engine_amx and engine_vnni
use std::array;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Mutex;

#[path = "driver.rs"]
mod driver;
#[path = "machine.rs"]
mod machine;
#[allow(dead_code)] // its main
#[path = "packed.rs"]
mod packed;
#[path = "engine_tiles.rs"]
mod tiles;
use machine::{multiply_add_scalar, Workspace};
use tiles::*;

// The largest numbers up to 256, each with no factor in common with those before: their product M is 2^117.8.
const MODULI: usize = 15;
const MODULI_VALUES: [i32; MODULI] = [256, 255, 253, 251, 247, 241, 239, 233, 229, 227, 223, 217, 211, 199, 197];

// Blocks. A part of C is PART_ROWS x PART_COLUMNS: of so much are residues kept. A unit of work, for one modulus, is
// UNIT_ROWS x UNIT_COLUMNS of it; BLOCK_STEPS of B's depth, 1 MiB, stay in L2 meanwhile.
const PART_ROWS: usize = 4096;
const PART_COLUMNS: usize = 2048;
const UNIT_ROWS: usize = 2048;
const UNIT_COLUMNS: usize = 512;
const BLOCK_STEPS: usize = 32;

// A chunk of A is fetched in as many parts as a unit has tiles side by side.
const SOON_BYTES: usize = CHUNK_STEPS * STEP_BYTES / (UNIT_COLUMNS / TILE);

// Doubles of a line of memory.
const MEMORY_LINE: usize = 8;

// Rows of A that a thread takes at a time.
const ROWS_AT_ONCE: usize = 8;

// Sums of squares below and above would come near the ends of a double's range when scaled.
const LEAST_SQUARES: f64 = power_of_two(-800);
const MOST_SQUARES: f64 = power_of_two(800);

// Adding and subtracting it rounds a double below 2^51 to a whole number, in a way that every compiler vectorises.
const ROUND: f64 = 1.5 * power_of_two(52);

const fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((1023 + exponent) as u64) << 52)
}

// Rows of A or columns of B. The values of line i are taken as whole numbers of units of down[i], 1 / up[i].
struct Lines {
    squares: Vec<f64>, // of its values
    mean: Vec<f64>,    // of its values
    up: Vec<f64>,
    down: Vec<f64>,
    lost: Vec<f64>, // the sum of what rounding to whole units took away
}

impl Lines {
    // As many as fill whole tiles: those beyond the last are zeros.
    fn new(count: usize) -> Lines {
        let zeros = || vec![0.0; count.next_multiple_of(TILE)];
        Lines { squares: zeros(), mean: zeros(), up: zeros(), down: zeros(), lost: zeros() }
    }
}

// Parts of a number of 118 bits: the sum of 15 of them times bytes is exact in a double, as is a quotient times one.
const PART_BITS: u32 = 39;
struct Split {
    high: f64,
    middle: f64,
    low: f64,
}

struct Basis {
    m: [Modulus; MODULI],
    weight: [Split; MODULI], // 1 modulo its own modulus, 0 modulo all others
    product: Split,          // M
    largest: f64,            // what |sum| must not exceed: a little less than M / 2
}

static BASIS: Basis = make_basis();

const fn parts_of(x: u128) -> Split {
    let mask = (1 << PART_BITS) - 1;
    Split { high: (x >> (2 * PART_BITS)) as f64, middle: (x >> PART_BITS & mask) as f64, low: (x & mask) as f64 }
}

// By the compiler, which knows no `for` here yet.
const fn make_basis() -> Basis {
    let mut product: u128 = 1;
    let mut l = 0;
    while l < MODULI {
        product *= MODULI_VALUES[l] as u128;
        l += 1;
    }
    let mut m = [Modulus::new(1); MODULI];
    let mut weight = [const { Split { high: 0.0, middle: 0.0, low: 0.0 } }; MODULI];
    l = 0;
    while l < MODULI {
        let p = MODULI_VALUES[l] as u128;
        let (rest, mut inverse) = (product / p % p, 1);
        while inverse * rest % p != 1 {
            inverse += 1;
        }
        m[l] = Modulus::new(MODULI_VALUES[l]);
        weight[l] = parts_of(product / p * inverse);
        l += 1;
    }
    // The share left out is room for the quotient's rounding in reconstruct(), and for that of the norms.
    let largest = (product / 2) as f64 * (1.0 - power_of_two(-20));
    Basis { m, weight, product: parts_of(product), largest }
}

// Runs `work` on `threads` threads, which take what to do from queues.
fn on_threads(threads: usize, work: impl Fn() + Sync) {
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(&work);
        }
        work();
    });
}

// ---- Norms

// Inf and NaN fail both comparisons. A line of zeros is safe; one of numbers whose squares vanish is not.
fn is_safe<'a>(squares: f64, mut values: impl Iterator<Item = &'a f64>) -> bool {
    (LEAST_SQUARES..=MOST_SQUARES).contains(&squares) || values.all(|&value| value == 0.0)
}

// Sums are taken of every WIDTH-th value of a row, or of WIDTH columns.
const WIDTH: usize = 64;

fn add_values(values: &[f64], sum: &mut [f64; WIDTH], squares: &mut [f64; WIDTH]) {
    for ((value, sum), squares) in values.iter().zip(sum).zip(squares) {
        *sum += value;
        *squares += value * value;
    }
}

// False if a row is outside the safe range.
fn measure_rows(a: &[f64], n: usize, of: &mut Lines, threads: usize) -> bool {
    let safe = AtomicBool::new(true);
    let lines = of.squares.chunks_mut(ROWS_AT_ONCE).zip(of.mean.chunks_mut(ROWS_AT_ONCE));
    let queue = Mutex::new(a.chunks(ROWS_AT_ONCE * n).zip(lines));
    on_threads(threads, || {
        while let Some((rows, (squares, mean))) = pop(&queue) {
            for ((row, of_squares), of_mean) in rows.chunks_exact(n).zip(squares).zip(mean) {
                let (mut sum, mut squares) = ([0.0; WIDTH], [0.0; WIDTH]);
                let (whole, rest) = row.as_chunks::<WIDTH>();
                whole.iter().for_each(|values| add_values(values, &mut sum, &mut squares));
                add_values(rest, &mut sum, &mut squares);
                (*of_squares, *of_mean) = (squares.iter().sum(), sum.iter().sum::<f64>() / n as f64);
                if !is_safe(*of_squares, row.iter()) {
                    safe.store(false, Ordering::Relaxed);
                }
            }
        }
    });
    safe.into_inner()
}

fn measure_columns(b: &[f64], n: usize, of: &mut Lines, threads: usize) -> bool {
    let safe = AtomicBool::new(true);
    let lines = of.squares[..n].chunks_mut(WIDTH).zip(of.mean[..n].chunks_mut(WIDTH));
    let queue = Mutex::new((0..n).step_by(WIDTH).zip(lines));
    on_threads(threads, || {
        while let Some((first, (of_squares, of_mean))) = pop(&queue) {
            let (mut sum, mut squares) = ([0.0; WIDTH], [0.0; WIDTH]);
            for row in b.chunks_exact(n) {
                match row[first..].first_chunk::<WIDTH>() {
                    Some(values) => add_values(values, &mut sum, &mut squares),
                    None => add_values(&row[first..], &mut sum, &mut squares),
                }
            }
            for j in 0..of_squares.len() {
                (of_squares[j], of_mean[j]) = (squares[j], sum[j] / n as f64);
                if !is_safe(squares[j], b[first + j..].iter().step_by(n)) {
                    safe.store(false, Ordering::Relaxed);
                }
            }
        }
    });
    safe.into_inner()
}

// Units for lines so that no norm, in units, is above `bound`: returns the largest. Rounding to whole units moves a
// line by at most sqrt(n) / 2 of them. Powers of two, so that scaling rounds nothing.
fn choose_units(of: &mut Lines, n: usize, bound: f64) -> f64 {
    let moved = (n as f64).sqrt() / 2.0;
    let mut largest: f64 = 0.0;
    for ((squares, up), down) in of.squares.iter().zip(&mut of.up).zip(&mut of.down) {
        let mut exponent = 0;
        if *squares > 0.0 {
            let norm = squares.sqrt() * (1.0 + power_of_two(-30)); // not below the true one, however it was rounded
            exponent = exponent_of((bound - moved) / norm);
            largest = largest.max(norm * power_of_two(exponent) + moved);
        }
        (*up, *down) = (power_of_two(exponent), power_of_two(-exponent));
    }
    largest
}

// Of a positive number that is not so small that its exponent lies in its fraction.
fn exponent_of(x: f64) -> i32 {
    (x.to_bits() >> 52) as i32 - 1023
}

// ---- Residues

// Of a part of A, B or C: those of modulus l are the `apart` bytes from apart * l on.
struct Residues<'a> {
    bytes: &'a mut [i8],
    apart: usize,
}

impl<'a> Residues<'a> {
    fn new(space: &'a mut Workspace, apart: usize) -> Residues<'a> {
        let count = MODULI * apart;
        let values = space.values(count.div_ceil(8));
        let bytes = unsafe { std::slice::from_raw_parts_mut(values.as_mut_ptr().cast(), count) };
        Residues { bytes, apart }
    }

    fn modulo(&self, l: usize) -> &[i8] {
        &self.bytes[l * self.apart..][..self.apart]
    }

    fn writer(&mut self) -> Writer {
        Writer { start: self.bytes.as_mut_ptr(), apart: self.apart }
    }
}

// For threads that write residues at the same time. No two write the same byte, though theirs may lie between each
// other's, which slices cannot say: hence the pointer.
#[derive(Clone, Copy)]
struct Writer {
    start: *mut i8,
    apart: usize,
}

unsafe impl Send for Writer {}
unsafe impl Sync for Writer {}

impl Writer {
    // Where `count` bytes may be written.
    fn at(&self, l: usize, offset: usize, count: usize) -> *mut i8 {
        assert!(l < MODULI && offset + count <= self.apart);
        unsafe { self.start.add(l * self.apart + offset) }
    }
}

// x in units, rounded, as whole numbers; what that took away is added to `lost`. All of it exact.
#[inline(always)]
fn round_values(x: &[f64; STEP], up: &[f64; STEP], lost: &mut [f64; STEP]) -> [i64; STEP] {
    array::from_fn(|k| {
        let scaled = x[k] * up[k];
        let rounded = scaled.round_ties_even();
        lost[k] += scaled - rounded;
        unsafe { rounded.to_int_unchecked() } // below 2^59; `as` would first look whether it fits
    })
}

// A function of its own, so that the lock is open again before the work starts.
fn pop<T>(queue: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    queue.lock().unwrap().next()
}

// A packed panel holds TILE rows or columns, and their whole depth.
fn panel_bytes(n: usize) -> usize {
    n.div_ceil(STEP) * STEP_BYTES
}

fn pack_a(a: &[f64], n: usize, rows: Range<usize>, of: &mut Lines, packed: &mut Residues, threads: usize) {
    let to = packed.writer();
    let Lines { up, down, lost, .. } = of;
    let lost = &mut lost[rows.start..rows.end.next_multiple_of(TILE)];
    let queue = Mutex::new(lost.chunks_mut(ROWS_AT_ONCE).zip((rows.start..).step_by(ROWS_AT_ONCE)));
    on_threads(threads, || {
        while let Some((lost, first)) = pop(&queue) {
            for (lost, i) in lost.iter_mut().zip(first..) {
                let row = if i < rows.end { &a[i * n..][..n] } else { &[] };
                let place = i - rows.start;
                let offset = place / TILE * panel_bytes(n) + place % TILE * STEP;
                *lost = pack_row(row, n.div_ceil(STEP), up[i], &to, offset) * down[i];
            }
            end_stores();
        }
    });
}

// Returns the sum of what was lost. Beyond the end of the row there are zeros.
fn pack_row(row: &[f64], steps: usize, up: f64, to: &Writer, offset: usize) -> f64 {
    let mut lost = [0.0; STEP];
    for step in 0..steps {
        let values = row.get(step * STEP..).unwrap_or_default();
        let mut edge = [0.0; STEP];
        let x = values.first_chunk().unwrap_or_else(|| {
            edge[..values.len()].copy_from_slice(values);
            &edge
        });
        let values = round_values(x, &[up; STEP], &mut lost);
        residues(&values, Order::AsTheyAre, &BASIS.m, |l| to.at(l, offset + step * STEP_BYTES, STEP));
    }
    lost.iter().sum()
}

// Some columns of B; in a tile instruction's order, four values of a column are followed by the next column's.
fn pack_b(b: &[f64], n: usize, columns: Range<usize>, of: &mut Lines, packed: &mut Residues, threads: usize) {
    let to = packed.writer();
    let Lines { up, down, lost, .. } = of;
    let lost = &mut lost[columns.start..columns.end.next_multiple_of(TILE)];
    let queue = Mutex::new(lost.chunks_exact_mut(HALF).enumerate());
    on_threads(threads, || {
        while let Some((half, lost)) = pop(&queue) {
            let column = columns.start + half * HALF;
            let width = columns.end.saturating_sub(column).min(HALF);
            let offset = half / 2 * panel_bytes(n) + half % 2 * HALF_BYTES;
            let sums = pack_columns(b, n, column, width, &up[column..][..HALF], &to, offset);
            end_stores();
            for (j, (lost, down)) in lost.iter_mut().zip(&down[column..]).enumerate() {
                *lost = sums.chunks_exact(HALF).map(|row| row[j]).sum::<f64>() * down;
            }
        }
    });
}

// Returns what was lost, four rows of sums of each column's.
fn pack_columns(
    b: &[f64],
    n: usize,
    column: usize,
    width: usize,
    up: &[f64],
    to: &Writer,
    offset: usize,
) -> [f64; STEP] {
    let up: [f64; STEP] = array::from_fn(|j| up[j % HALF]);
    let (mut x, mut lost) = ([0.0; STEP], [0.0; STEP]);
    for k in (0..n.next_multiple_of(STEP)).step_by(4) {
        for (row, x) in (k..).zip(x.chunks_exact_mut(HALF)) {
            let values = b.get(row * n + column..).unwrap_or_default();
            match values.first_chunk::<HALF>() {
                Some(values) if width == HALF => x.copy_from_slice(values),
                _ => {
                    let width = width.min(values.len());
                    x[..width].copy_from_slice(&values[..width]);
                    x[width..].fill(0.0);
                }
            }
        }
        let values = round_values(&x, &up, &mut lost);
        let at = offset + k / STEP * STEP_BYTES + k % STEP / 4 * STEP;
        residues(&values, Order::ByFours, &BASIS.m, |l| to.at(l, at, STEP));
    }
    lost
}

// ---- Products of residues

// A unit: of one modulus, from packed panels of A and of B; `to` is its first tile, and a row of tiles has `stride`
// columns. While a chunk of A is multiplied the next one is fetched: of the same rows, or the first of the next rows.
fn unit_product(t: &mut Tiles, a: &[i8], b: &[i8], to: Target, stride: usize, n: usize) {
    let steps = n.div_ceil(STEP);
    for block in (0..steps).step_by(BLOCK_STEPS) {
        let end = steps.min(block + BLOCK_STEPS);
        for (i, panel) in a.chunks_exact(panel_bytes(n)).enumerate() {
            for k in (block..end).step_by(CHUNK_STEPS) {
                let depth = k * STEP_BYTES..end.min(k + CHUNK_STEPS) * STEP_BYTES;
                let next = if k + CHUNK_STEPS < end { k + CHUNK_STEPS } else { steps + block };
                let soon = panel.as_ptr().wrapping_add(next * STEP_BYTES);
                for (j, b) in b.chunks_exact(panel_bytes(n)).enumerate() {
                    let bytes = unsafe { to.bytes.add(i * TILE * stride + j * TILE * TILE) };
                    let to = Target { bytes, keep: k > 0, ..to };
                    let soon = soon.wrapping_add(j * SOON_BYTES);
                    tile_product(t, &panel[depth.clone()], &b[depth.clone()], to, soon);
                }
            }
        }
    }
}

// `height` rows of A times `width` columns of B. C's residues lie tile by tile, `stride` columns in a row of tiles.
fn products(
    a: &Residues,
    b: &Residues,
    c: &mut Residues,
    [height, width, stride]: [usize; 3],
    n: usize,
    threads: usize,
) {
    let to = c.writer();
    let panels = |range: Range<usize>| range.start / TILE * panel_bytes(n)..range.end.div_ceil(TILE) * panel_bytes(n);
    let queue = Mutex::new((0..MODULI).flat_map(|l| {
        let rows = move |j| (0..height).step_by(UNIT_ROWS).map(move |i| (l, j, i));
        (0..width).step_by(UNIT_COLUMNS).flat_map(rows)
    }));
    on_threads(threads, || {
        let mut t = Tiles::new();
        tiles_begin();
        while let Some((l, j, i)) = pop(&queue) {
            let (rows, columns) = (i..height.min(i + UNIT_ROWS), j..width.min(j + UNIT_COLUMNS));
            let last = (rows.len() - 1) / TILE * TILE * stride + columns.len().next_multiple_of(TILE) * TILE;
            let to = Target { bytes: to.at(l, i * stride + j * TILE, last), m: &BASIS.m[l], keep: false };
            unit_product(&mut t, &a.modulo(l)[panels(rows)], &b.modulo(l)[panels(columns)], to, stride, n);
            tiles_finish(&mut t);
        }
        tiles_end();
    });
}

// ---- Reconstruction

// Values that are reconstructed side by side.
const LANES: usize = 16;

// The number that has these residues and is nearest to 0, by the Chinese remainder theorem: the sum of weights times
// residues, less a multiple of M. In three parts, each exact: M is subtracted before anything is rounded. Then to
// doubles, with a correction: what rounding took from a row met B's columns, of which each has a mean; and so from B.
fn reconstruct_row(residues: [&[i8]; MODULI], rows: &Lines, i: usize, columns: &Lines, j: usize, c: &mut [f64]) {
    const HIGH_UNIT: f64 = power_of_two(2 * PART_BITS as i32);
    const MIDDLE_UNIT: f64 = power_of_two(PART_BITS as i32);
    const INVERSE: f64 = 1.0 / (BASIS.product.high + BASIS.product.middle / MIDDLE_UNIT);
    let product = &BASIS.product;
    let (row_mean, row_down, row_lost) = (rows.mean[i], rows.down[i], rows.lost[i]);
    let lanes = |values: &[f64], first| -> [f64; LANES] { *values[j + first..].first_chunk().unwrap() };
    for (c, first) in c.chunks_mut(LANES).zip((0..).step_by(LANES)) {
        let (mut high, mut middle, mut low) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
        for (residues, weight) in residues.iter().zip(&BASIS.weight) {
            let residues: &[i8; LANES] = residues[first..].first_chunk().unwrap();
            for k in 0..LANES {
                let residue = f64::from(residues[k]);
                high[k] = multiply_add_scalar(weight.high, residue, high[k]);
                middle[k] = multiply_add_scalar(weight.middle, residue, middle[k]);
                low[k] = multiply_add_scalar(weight.low, residue, low[k]);
            }
        }
        let (mean, down, lost) =
            (lanes(&columns.mean, first), lanes(&columns.down, first), lanes(&columns.lost, first));
        let values: [f64; LANES] = array::from_fn(|k| {
            let quotient = (high[k] * INVERSE + ROUND) - ROUND;
            let high = (high[k] - quotient * product.high) * HIGH_UNIT;
            let middle = (middle[k] - quotient * product.middle) * MIDDLE_UNIT;
            let low = low[k] - quotient * product.low;
            // the sum of the first two, and what rounding it leaves (Knuth's TwoSum)
            let sum = high + middle;
            let part = sum - high;
            let rest = (high - (sum - part)) + (middle - part) + low;
            let correction = row_lost * mean[k] + row_mean * lost[k];
            sum * row_down * down[k] + (rest * row_down * down[k] + correction)
        });
        c.copy_from_slice(&values[..c.len()]);
    }
}

// A tile of C, whose columns start at `j`; its rows are those of `c`, and rows `i` and following of all. The lines of
// the next tile are fetched meanwhile: the CPU finds no pattern in them.
fn reconstruct(tile: [&[i8]; MODULI], rows: &Lines, i: usize, columns: &Lines, j: usize, c: &mut [f64], n: usize) {
    for (r, c) in c.chunks_exact_mut(n).enumerate() {
        for line in (j + TILE..n.min(j + 2 * TILE)).step_by(MEMORY_LINE) {
            fetch_to_write(&c[line]);
        }
        let width = TILE.min(n - j);
        reconstruct_row(tile.map(|bytes| &bytes[r * TILE..][..TILE]), rows, i + r, columns, j, &mut c[j..][..width]);
    }
}

// ----

// Residues of A, of B and of C.
static WORKSPACES: Mutex<[Workspace; 3]> = Mutex::new([const { Workspace::new() }; 3]);

fn engine_product(
    a: &[f64],
    b: &[f64],
    c: &mut [f64],
    n: usize,
    rows_of_a: &mut Lines,
    columns_of_b: &mut Lines,
    threads: usize,
) {
    let rows = c.len() / n;
    let (part_rows, stride) = (rows.min(PART_ROWS).next_multiple_of(TILE), n.min(PART_COLUMNS).next_multiple_of(TILE));
    let mut workspaces = WORKSPACES.lock().unwrap();
    let [space_a, space_b, space_c] = &mut *workspaces;
    let mut packed_a = Residues::new(space_a, part_rows / TILE * panel_bytes(n));
    let mut packed_b = Residues::new(space_b, stride / TILE * panel_bytes(n));
    let mut of_c = Residues::new(space_c, part_rows * stride);

    for (c, i) in c.chunks_mut(PART_ROWS * n).zip((0..).step_by(PART_ROWS)) {
        let height = c.len() / n;
        pack_a(a, n, i..i + height, rows_of_a, &mut packed_a, threads);
        for j in (0..n).step_by(PART_COLUMNS) {
            let width = PART_COLUMNS.min(n - j);
            pack_b(b, n, j..j + width, columns_of_b, &mut packed_b, threads);
            products(&packed_a, &packed_b, &mut of_c, [height, width, stride], n, threads);

            let queue = Mutex::new(c.chunks_mut(TILE * n).zip((0..).step_by(TILE)));
            on_threads(threads, || {
                while let Some((c, r)) = pop(&queue) {
                    for q in (0..width).step_by(TILE) {
                        let tile = array::from_fn(|l| &of_c.modulo(l)[r * stride + q * TILE..][..TILE * TILE]);
                        reconstruct(tile, rows_of_a, i + r, columns_of_b, j + q, c, n);
                    }
                }
            });
        }
    }
}

fn multiply(a: &[f64], b: &[f64], c: &mut [f64], n: usize, rows: usize, threads: usize) {
    if !tiles_allowed() {
        eprintln!("the system does not let this process use the matrix engine");
        std::process::exit(1);
    }
    let (mut rows_of_a, mut columns_of_b) = (Lines::new(rows), Lines::new(n));
    let safe = measure_rows(a, n, &mut rows_of_a, threads) & measure_columns(b, n, &mut columns_of_b, threads);
    if !safe {
        return packed::multiply(a, b, c, n, rows, threads);
    }
    // By Cauchy and Schwarz |sum| <= |row| |column|; what A's largest row leaves is B's.
    let bound = BASIS.largest.sqrt();
    let norm = choose_units(&mut rows_of_a, n, bound);
    choose_units(&mut columns_of_b, n, BASIS.largest / if norm > 0.0 { norm } else { bound });
    engine_product(a, b, c, n, &mut rows_of_a, &mut columns_of_b, threads);
}

fn main() {
    driver::main(multiply);
}
