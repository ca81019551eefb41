// What the engine rung and the forms of its tile product know of each other; docs/engine.md explains the scheme.
// The form is chosen by --cfg engine_amx, --cfg engine_vnni or neither. Each has:
//   tiles_allowed()             whether the system lets this process use what the form needs
//   tiles_begin(), tiles_end()  what a thread does before its first tile and after its last
//   tile_product(tiles, a, b, to, soon)  to = the product of a panel of A and a panel of B, as long as these are; of
//                               what is needed next, two lines a step from `soon` on may be fetched meanwhile
//   tiles_finish(tiles)         makes sure that all targets hold their values
use std::array;
use std::ops::Range;

#[path = "engine_remainders.rs"]
mod remainders;
#[cfg(engine_amx)]
pub use amx::*;
#[cfg(not(any(engine_amx, engine_vnni)))]
pub use plain::*;
pub use remainders::*;
#[cfg(all(engine_vnni, not(engine_amx)))]
pub use vnni::*;

// A tile product makes TILE x TILE sums. Its operands are packed: for each STEP of the depth, the STEP values of 16
// rows of A after each other, twice; of B four values of 16 columns after each other, 16 times, twice. That is how
// the tile instructions read them (and VPDPBUSD, which multiplies groups of four as well).
pub const TILE: usize = 32;
pub const HALF: usize = 16;
pub const STEP: usize = 64;
pub const STEP_BYTES: usize = TILE * STEP;
pub const HALF_BYTES: usize = HALF * STEP;

// As many steps as keep a panel of A in L1, and a sum of at most 2^24, far within 32 bits.
pub const CHUNK_STEPS: usize = 16;

// Where a tile's sums go, its rows after each other: modulo p, as bytes, added to those that are there if `keep`. A
// pointer, since tiles of other threads lie between this one's: who makes a target promises that its bytes are there,
// and that nobody else uses them meanwhile.
#[derive(Clone, Copy)]
pub struct Target {
    pub bytes: *mut i8,
    pub m: &'static Modulus,
    pub keep: bool,
}

type Sums = [[i32; TILE]; TILE];

#[inline(always)]
pub fn fetch_to_write(value: &f64) {
    #[cfg(target_arch = "x86_64")]
    unsafe {
        use std::arch::x86_64::*;
        _mm_prefetch::<_MM_HINT_ET0>(std::ptr::from_ref(value).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = value;
}

// What a thread has under way, so that the reduction of one tile may run beside the product of the next.
#[repr(align(64))]
pub struct Tiles {
    sums: Sums,
    #[allow(dead_code)] // one form uses it
    before: Option<Target>,
}

impl Tiles {
    pub fn new() -> Tiles {
        Tiles { sums: [[0; TILE]; TILE], before: None }
    }
}

// The tile product on the matrix engine: TDPBSSD multiplies 16 x 64 by 64 x 16 bytes and adds them to 16 x 16 sums.
#[cfg(engine_amx)]
mod amx {
    use super::*;
    use std::arch::asm;
    use std::arch::x86_64::{_mm_prefetch, _MM_HINT_T1};

    // The system saves tiles only for processes that ask for them.
    pub fn tiles_allowed() -> bool {
        const ARCH_PRCTL: i64 = 158;
        const REQUEST_PERMISSION: u64 = 0x1023;
        const TILE_DATA: u64 = 18;
        let result: i64;
        unsafe {
            asm!("syscall", inlateout("rax") ARCH_PRCTL => result, in("rdi") REQUEST_PERMISSION, in("rsi") TILE_DATA,
                lateout("rcx") _, lateout("r11") _, options(nostack));
        }
        result == 0
    }

    #[repr(C, align(64))]
    struct Shape {
        palette: u8,
        start_row: u8,
        reserved: [u8; 14],
        row_bytes: [u16; 16],
        rows: [u8; 16],
    }

    pub fn tiles_begin() {
        let mut shape = Shape { palette: 1, start_row: 0, reserved: [0; 14], row_bytes: [0; 16], rows: [0; 16] };
        shape.row_bytes[..8].fill(STEP as u16);
        shape.rows[..8].fill(HALF as u8);
        unsafe { asm!("ldtilecfg [{}]", in(reg) &shape, options(nostack, readonly, preserves_flags)) };
    }

    pub fn tiles_end() {
        unsafe { asm!("tilerelease", options(nostack, nomem, preserves_flags)) };
    }

    // There are no intrinsics yet. The compiler itself uses no tiles: they hold their values from one asm! to the next.
    macro_rules! load {
        ($instruction:literal, $tile:literal, $from:expr) => {
            asm!(concat!($instruction, " tmm", $tile, ", [{} + {}]"), in(reg) $from, in(reg) STEP,
                options(nostack, readonly, preserves_flags))
        };
    }
    macro_rules! store {
        ($tile:literal, $sums:expr) => {
            asm!(concat!("tilestored [{} + {}], tmm", $tile),
                in(reg) $sums.as_flattened_mut()[$tile / 2 * HALF * TILE + $tile % 2 * HALF..].as_mut_ptr(),
                in(reg) TILE * size_of::<i32>(), options(nostack, preserves_flags))
        };
    }
    macro_rules! zero {
        ($tile:literal) => {
            asm!(concat!("tilezero tmm", $tile), options(nostack, nomem, preserves_flags))
        };
    }
    macro_rules! multiply_add {
        ($sums:literal, $a:literal, $b:literal) => {
            asm!(concat!("tdpbssd tmm", $sums, ", tmm", $a, ", tmm", $b), options(nostack, nomem, preserves_flags))
        };
    }

    // Tiles 0 to 3 are the quarters of the sums; 4 and 5 hold a step of A, 6 and 7 one of B. At the start the sums of
    // the tile before are still there: each is stored just before its registers are needed. (Where there was none
    // before, zeros are stored, which nobody reads.)
    macro_rules! step_of {
        ($quarter:literal, $a:literal, $b:literal, $first:expr, $sums:expr) => {
            if $first {
                store!($quarter, $sums);
                zero!($quarter);
            }
            multiply_add!($quarter, $a, $b);
        };
    }

    // The vector unit has time for two rows of the tile before in each step but the first.
    pub fn tile_product(t: &mut Tiles, a: &[i8], b: &[i8], to: Target, soon: *const i8) {
        let mut reduced = 0;
        for (step, (a, b)) in a.chunks_exact(STEP_BYTES).zip(b.chunks_exact(STEP_BYTES)).enumerate() {
            let ([a_0, a_1], [b_0, b_1]) = (halves(a), halves(b));
            unsafe {
                fetch(soon.wrapping_add(2 * STEP * step));
                fetch(soon.wrapping_add(2 * STEP * step + STEP));
                load!("tileloadd", 4, a_0);
                load!("tileloaddt1", 6, b_0);
                load!("tileloadd", 5, a_1);
                load!("tileloaddt1", 7, b_1);
                step_of!(0, 4, 6, step == 0, t.sums);
                step_of!(2, 5, 6, step == 0, t.sums);
                step_of!(1, 4, 7, step == 0, t.sums);
                step_of!(3, 5, 7, step == 0, t.sums);
            }
            match &t.before {
                Some(before) if step > 0 && reduced < TILE => {
                    reduce_rows(&t.sums, before, reduced..reduced + 2);
                    reduced += 2;
                }
                _ => (),
            }
        }
        if let Some(before) = t.before.replace(to) {
            reduce_rows(&t.sums, &before, reduced..TILE);
        }
    }

    // To L2. There may be nothing there any more.
    fn fetch(line: *const i8) {
        unsafe { _mm_prefetch::<_MM_HINT_T1>(line) };
    }

    fn halves(step: &[i8]) -> [*const i8; 2] {
        [step.as_ptr(), step[HALF_BYTES..].as_ptr()]
    }

    pub fn tiles_finish(t: &mut Tiles) {
        if let Some(before) = t.before.take() {
            unsafe {
                store!(0, t.sums);
                store!(1, t.sums);
                store!(2, t.sums);
                store!(3, t.sums);
            }
            reduce_rows(&t.sums, &before, 0..TILE);
        }
    }
}

// The tile product on the vector unit: VPDPBUSD multiplies 64 pairs of bytes and adds them by fours to 16 sums.
#[cfg(all(engine_vnni, not(engine_amx)))]
mod vnni {
    use super::*;
    use std::arch::x86_64::*;

    pub fn tiles_allowed() -> bool {
        true
    }
    pub fn tiles_begin() {}
    pub fn tiles_end() {}
    pub fn tiles_finish(_: &mut Tiles) {}

    const ROWS: usize = 8; // 16 sums in registers

    // ROWS rows of a tile. VPDPBUSD takes its first operand as unsigned: a + 128 it is, and 128 times the sum of b is
    // taken off in the end.
    #[target_feature(enable = "avx512f,avx512vnni")]
    unsafe fn rows_product(a: &[i8], b: &[i8], first: usize, to: &mut [[i32; TILE]]) {
        unsafe {
            let shift = _mm512_set1_epi8(-128);
            let (mut sums, mut excess) = ([[_mm512_setzero_si512(); 2]; ROWS], [_mm512_setzero_si512(); 2]);
            for (a, b) in a.chunks_exact(STEP_BYTES).zip(b.chunks_exact(STEP_BYTES)) {
                for k in 0..HALF {
                    // each k: four values of the depth
                    let b_k = [0, HALF_BYTES].map(|half| _mm512_loadu_si512(b[half + k * STEP..].as_ptr().cast()));
                    for half in 0..2 {
                        excess[half] = _mm512_dpbusd_epi32(excess[half], shift, b_k[half]);
                    }
                    for r in 0..ROWS {
                        let four = a[(first + r) * STEP + k * 4..].as_ptr().cast::<u32>().read_unaligned();
                        let a_r = _mm512_set1_epi32((four ^ 0x80808080) as i32);
                        for half in 0..2 {
                            sums[r][half] = _mm512_dpbusd_epi32(sums[r][half], a_r, b_k[half]);
                        }
                    }
                }
            }
            for (to, sums) in to.iter_mut().zip(sums) {
                for half in 0..2 {
                    let sums = _mm512_sub_epi32(sums[half], excess[half]);
                    _mm512_storeu_si512(to[half * HALF..].as_mut_ptr().cast(), sums);
                }
            }
        }
    }

    pub fn tile_product(t: &mut Tiles, a: &[i8], b: &[i8], to: Target, _: *const i8) {
        for (sums, first) in t.sums.chunks_exact_mut(ROWS).zip((0..).step_by(ROWS)) {
            unsafe { rows_product(a, b, first, sums) };
        }
        reduce_rows(&t.sums, &to, 0..TILE);
    }
}

// The tile product in plain loops: for any CPU, slowly. It checks the scheme around it, and the other forms.
#[cfg(not(any(engine_amx, engine_vnni)))]
mod plain {
    use super::*;

    pub fn tiles_allowed() -> bool {
        true
    }
    pub fn tiles_begin() {}
    pub fn tiles_end() {}
    pub fn tiles_finish(_: &mut Tiles) {}

    pub fn tile_product(t: &mut Tiles, a: &[i8], b: &[i8], to: Target, _: *const i8) {
        for (i, sums) in t.sums.iter_mut().enumerate() {
            sums.fill(0);
            for (a, b) in a.chunks_exact(STEP_BYTES).zip(b.chunks_exact(STEP_BYTES)) {
                for k in 0..HALF {
                    // each k: four values of the depth
                    let a_k: &[i8; 4] = a[i * STEP + k * 4..].first_chunk().unwrap();
                    for (half, sums) in b.chunks_exact(HALF_BYTES).zip(sums.chunks_exact_mut(HALF)) {
                        for (sum, four) in sums.iter_mut().zip(half[k * STEP..].chunks_exact(4)) {
                            *sum += a_k.iter().zip(four).map(|(&x, &y)| i32::from(x) * i32::from(y)).sum::<i32>();
                        }
                    }
                }
            }
        }
        reduce_rows(&t.sums, &to, 0..TILE);
    }
}
