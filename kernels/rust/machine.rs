// What the fast rungs ask of the machine: vectors of the CPU, the sizes of its caches, aligned workspaces.
#![allow(dead_code)] // no rung uses all of it

// One vector register of the CPU, and the few instructions on it that a product needs. Chosen when compiling:
// target-cpu=native tells what there is. `unsafe`, since load and store take any pointer.
#[allow(unused_imports)]
pub use vector::*;

#[cfg(target_feature = "avx512f")]
mod vector {
    use std::arch::x86_64::*;

    pub type Vector = __m512d;
    pub const LANES: usize = 8;
    // The rows and vectors of C that the 32 registers hold as sums: 24, beside 3 of B and some of A.
    pub const TILE_ROWS: usize = 8;
    pub const TILE_VECTORS: usize = 3;

    #[inline(always)]
    pub unsafe fn load(from: *const f64) -> Vector {
        unsafe { _mm512_loadu_pd(from) }
    }
    #[inline(always)]
    pub unsafe fn store(to: *mut f64, value: Vector) {
        unsafe { _mm512_storeu_pd(to, value) }
    }
    #[inline(always)]
    pub unsafe fn splat(value: f64) -> Vector {
        unsafe { _mm512_set1_pd(value) }
    }
    #[inline(always)]
    pub unsafe fn add(a: Vector, b: Vector) -> Vector {
        unsafe { _mm512_add_pd(a, b) }
    }
    #[inline(always)]
    pub unsafe fn multiply_add(a: Vector, b: Vector, sum: Vector) -> Vector {
        unsafe { _mm512_fmadd_pd(a, b, sum) }
    }
}

#[cfg(all(target_feature = "avx2", target_feature = "fma", not(target_feature = "avx512f")))]
mod vector {
    use std::arch::x86_64::*;

    pub type Vector = __m256d;
    pub const LANES: usize = 4;
    // 12 of the 16 registers hold sums.
    pub const TILE_ROWS: usize = 4;
    pub const TILE_VECTORS: usize = 3;

    #[inline(always)]
    pub unsafe fn load(from: *const f64) -> Vector {
        unsafe { _mm256_loadu_pd(from) }
    }
    #[inline(always)]
    pub unsafe fn store(to: *mut f64, value: Vector) {
        unsafe { _mm256_storeu_pd(to, value) }
    }
    #[inline(always)]
    pub unsafe fn splat(value: f64) -> Vector {
        unsafe { _mm256_set1_pd(value) }
    }
    #[inline(always)]
    pub unsafe fn add(a: Vector, b: Vector) -> Vector {
        unsafe { _mm256_add_pd(a, b) }
    }
    #[inline(always)]
    pub unsafe fn multiply_add(a: Vector, b: Vector, sum: Vector) -> Vector {
        unsafe { _mm256_fmadd_pd(a, b, sum) }
    }
}

#[cfg(target_arch = "aarch64")]
mod vector {
    use std::arch::aarch64::*;

    pub type Vector = float64x2_t;
    pub const LANES: usize = 2;
    // 24 of the 32 registers hold sums, as for AVX-512.
    pub const TILE_ROWS: usize = 8;
    pub const TILE_VECTORS: usize = 3;

    #[inline(always)]
    pub unsafe fn load(from: *const f64) -> Vector {
        unsafe { vld1q_f64(from) }
    }
    #[inline(always)]
    pub unsafe fn store(to: *mut f64, value: Vector) {
        unsafe { vst1q_f64(to, value) }
    }
    #[inline(always)]
    pub unsafe fn splat(value: f64) -> Vector {
        unsafe { vdupq_n_f64(value) }
    }
    #[inline(always)]
    pub unsafe fn add(a: Vector, b: Vector) -> Vector {
        unsafe { vaddq_f64(a, b) }
    }
    #[inline(always)]
    pub unsafe fn multiply_add(a: Vector, b: Vector, sum: Vector) -> Vector {
        unsafe { vfmaq_f64(sum, a, b) }
    }
}

// Any other CPU: two doubles, for which the compiler finds the instructions (SSE2) where there are some.
#[cfg(not(any(all(target_feature = "avx2", target_feature = "fma"), target_arch = "aarch64")))]
mod vector {
    pub type Vector = [f64; 2];
    pub const LANES: usize = 2;
    pub const TILE_ROWS: usize = 4;
    pub const TILE_VECTORS: usize = 2;

    #[inline(always)]
    pub unsafe fn load(from: *const f64) -> Vector {
        unsafe { from.cast::<Vector>().read() }
    }
    #[inline(always)]
    pub unsafe fn store(to: *mut f64, value: Vector) {
        unsafe { to.cast::<Vector>().write(value) }
    }
    #[inline(always)]
    pub unsafe fn splat(value: f64) -> Vector {
        [value; 2]
    }
    #[inline(always)]
    pub unsafe fn add(a: Vector, b: Vector) -> Vector {
        [a[0] + b[0], a[1] + b[1]]
    }
    #[inline(always)]
    pub unsafe fn multiply_add(a: Vector, b: Vector, sum: Vector) -> Vector {
        [super::multiply_add_scalar(a[0], b[0], sum[0]), super::multiply_add_scalar(a[1], b[1], sum[1])]
    }
}

// a * b + sum, rounded once where the CPU has an instruction for that; mul_add would call a slow function elsewhere.
#[inline(always)]
pub fn multiply_add_scalar(a: f64, b: f64, sum: f64) -> f64 {
    if cfg!(any(target_feature = "fma", target_arch = "aarch64")) {
        a.mul_add(b, sum)
    } else {
        a * b + sum
    }
}

// Asks for the cache line at an address, into cache `LEVEL` (1 or 2); a hint, which may point anywhere.
#[inline(always)]
pub fn prefetch<const LEVEL: i32>(at: *const f64) {
    #[cfg(target_arch = "x86_64")]
    unsafe {
        use std::arch::x86_64::{_mm_prefetch, _MM_HINT_T0, _MM_HINT_T1};
        if LEVEL == 1 {
            _mm_prefetch::<_MM_HINT_T0>(at.cast());
        } else {
            _mm_prefetch::<_MM_HINT_T1>(at.cast());
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

// What one of `threads` threads has of the data cache of a level, in bytes: its size by those of our threads that share it;
// `default` where the system does not tell.
pub fn cache_bytes(level: usize, threads: usize, default: usize) -> usize {
    let text = |path: String| std::fs::read_to_string(path).unwrap_or_default();
    let status = text("/proc/self/status".into());
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap_or("0");
    let ours = processors(allowed);
    let cpu = ours.first().copied().unwrap_or(0);
    let read = |index: usize, name: &str| text(format!("/sys/devices/system/cpu/cpu{cpu}/cache/index{index}/{name}"));
    (0..8)
        .filter(|&index| {
            read(index, "level").trim() == level.to_string() && read(index, "type").trim() != "Instruction"
        })
        .find_map(|index| {
            let kib: usize = read(index, "size").trim().strip_suffix('K')?.parse().ok()?;
            let sharing = processors(&read(index, "shared_cpu_list")).iter().filter(|cpu| ours.contains(cpu)).count();
            Some(kib * 1024 / sharing.clamp(1, threads))
        })
        .unwrap_or(default)
}

// The numbers in a list such as "0-3,8-11".
fn processors(list: &str) -> Vec<usize> {
    let range = |range: &str| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        Some(first.parse::<usize>().ok()?..=last.parse().ok()?)
    };
    list.trim().split(',').filter_map(range).flatten().collect()
}

// Memory whose values start on a cache line, which can be kept from one repetition to the next.
pub struct Workspace {
    lines: Vec<Line>,
}

#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f64; 8]);

impl Workspace {
    pub const fn new() -> Workspace {
        Workspace { lines: Vec::new() }
    }

    // `count` values; what they hold is left over from before.
    pub fn values(&mut self, count: usize) -> &mut [f64] {
        let lines = count.div_ceil(8);
        if self.lines.len() < lines {
            self.lines.resize(lines, Line([0.0; 8]));
        }
        // A line is eight values and nothing else, as repr(C) promises.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), count) }
    }
}
