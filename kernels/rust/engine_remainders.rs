// Remainders modulo p: of the values of A and B, and of sums of products. On the vector unit, by its products of bytes
// and of 16 bits where it has them (AVX-512 VNNI), else by division. Both make the same bytes, from -p/2 to below p/2.
use super::*;

// Added to a value, which is below 2^59, it makes it positive.
const VALUE_OFFSET: i64 = 1 << 62;

// A modulus p, and the factors by which remainders modulo p are computed without a division.
#[derive(Clone, Copy)]
#[allow(dead_code)] // division needs p alone
pub struct Modulus {
    p: i32,
    // 1 / p and a trifle more: halves are rounded up, so that of p / 2 = 128 is made -128, which fits in a byte.
    inverse: f32,
    // Factors of VPDPBUSD, four bytes each: 256^0 to 256^3 modulo p, and 256^4 to 256^7.
    low_powers: i32,
    high_powers: i32,
    // Factors of VPDPWSSD, two of 16 bits each, the lower one first: 1 and 2^16 modulo p; -p and 0.
    fold: i32,
    minus_p: i32,
    // What sums of such products start at: they are then at least 0 and, modulo p, what they stand for.
    values_start: i32,
    sums_start: i32,
}

// x modulo p, at least -p / 2 and less than p / 2.
const fn centred_remainder(x: i64, p: i32) -> i32 {
    let rest = (x % p as i64) as i32;
    if 2 * rest >= p {
        rest - p
    } else if 2 * rest < -p {
        rest + p
    } else {
        rest
    }
}

impl Modulus {
    pub const fn new(p: i32) -> Modulus {
        let mut powers = [0; 8];
        let mut k = 0;
        while k < 8 {
            powers[k] = centred_remainder(1 << (8 * k), p) as u8;
            k += 1;
        }
        let powers = u64::from_le_bytes(powers);
        Modulus {
            p,
            inverse: (1.0 + 1.0 / (1 << 22) as f32) / p as f32,
            low_powers: powers as i32,
            high_powers: (powers >> 32) as i32,
            fold: centred_remainder(1 << 16, p) << 16 | 1,
            minus_p: -p & 0xFFFF,
            // eight bytes times powers are below 2^18, two halves of a sum times theirs and a byte below 2^16
            values_start: ((1 << 18) / p + 2) * p - (VALUE_OFFSET % p as i64) as i32,
            sums_start: ((1 << 16) / p + 1) * p + (1 << 15) % p,
        }
    }
}

// Where the remainders of STEP values go in a line of as many bytes: byte k is value k; or, from four rows of 16
// values, byte 4 j + q is value 16 q + j.
#[derive(Clone, Copy, PartialEq)]
pub enum Order {
    AsTheyAre,
    ByFours,
}

#[cfg(not(all(target_feature = "avx512vnni", target_feature = "avx512bw", target_feature = "avx512dq")))]
pub use division::*;
#[cfg(all(target_feature = "avx512vnni", target_feature = "avx512bw", target_feature = "avx512dq"))]
pub use vector::*;

#[cfg(all(target_feature = "avx512vnni", target_feature = "avx512bw", target_feature = "avx512dq"))]
mod vector {
    use super::*;
    use std::arch::x86_64::*;

    // t modulo p, for 0 <= t < 2^20. Adding 1.5 * 2^23 rounds a float below 2^22 to a whole number, which is then found
    // in its last bits. The quotient is exact: 1 / p is off by 2^-21 of it at most, and so is t / p, which no half is
    // as near to (p odd) unless it is one (p = 256).
    #[inline(always)]
    fn remainder_of(t: __m512i, m: &Modulus) -> __m512i {
        unsafe {
            let magic = _mm512_set1_ps(1.5 * (1 << 23) as f32);
            let quotient = _mm512_fmadd_ps(_mm512_cvtepi32_ps(t), _mm512_set1_ps(m.inverse), magic);
            _mm512_dpwssd_epi32(t, _mm512_castps_si512(quotient), _mm512_set1_epi32(m.minus_p))
        }
    }

    // Four vectors of 16 remainders as 64 bytes: those of a vector after each other, or the first of each vector, then
    // the second of each, and so on.
    #[inline(always)]
    fn bytes_of(rest: [__m512i; 4], order: Order) -> __m512i {
        unsafe {
            let (left, right) = (_mm512_packs_epi32(rest[0], rest[1]), _mm512_packs_epi32(rest[2], rest[3]));
            let bytes = _mm512_packs_epi16(left, right);
            match order {
                Order::AsTheyAre => {
                    let across = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
                    _mm512_permutexvar_epi32(across, bytes)
                }
                Order::ByFours => {
                    let across = _mm512_set4_epi32(0x0F0B0703, 0x0E0A0602, 0x0D090501, 0x0C080400);
                    _mm512_shuffle_epi8(bytes, across)
                }
            }
        }
    }

    // The remainders of values modulo each number, a line for each to where `to` says. A value is eight bytes, times
    // powers of 256. The stores go past the caches: a line of memory each, read much later.
    #[inline(always)]
    pub fn residues(values: &[i64; STEP], order: Order, moduli: &[Modulus], to: impl Fn(usize) -> *mut i8) {
        unsafe {
            let offset = _mm512_set1_epi64(VALUE_OFFSET);
            let even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
            let odd = _mm512_add_epi32(even, _mm512_set1_epi32(1));
            let halves: [[__m512i; 2]; 4] = array::from_fn(|q| {
                let [first, second] = [0, 8]
                    .map(|at| _mm512_add_epi64(_mm512_loadu_si512(values[16 * q + at..].as_ptr().cast()), offset));
                [even, odd].map(|every_other| _mm512_permutex2var_epi32(first, every_other, second))
            });
            for (l, m) in moduli.iter().enumerate() {
                let rest = halves.map(|[low, high]| {
                    let sum = _mm512_set1_epi32(m.values_start);
                    let sum = _mm512_dpbusd_epi32(sum, low, _mm512_set1_epi32(m.low_powers));
                    remainder_of(_mm512_dpbusd_epi32(sum, high, _mm512_set1_epi32(m.high_powers)), m)
                });
                _mm512_stream_si512(to(l).cast(), bytes_of(rest, order));
            }
        }
    }

    // Such stores may be seen later than those after them; here they end.
    pub fn end_stores() {
        unsafe { _mm_sfence() };
    }

    // Two rows of sums at a time. A sum is two halves of 16 bits: 2^16 times the upper one, and the lower one, which is
    // 2^15 more than its bits are as a signed number once the first of these is flipped.
    #[inline(always)]
    pub fn reduce_rows(sums: &Sums, to: &Target, rows: Range<usize>) {
        let m = to.m;
        for i in rows.step_by(2) {
            unsafe {
                let (flipped, fold) = (_mm512_set1_epi32(1 << 15), _mm512_set1_epi32(m.fold));
                let start = _mm512_set1_epi32(m.sums_start);
                let bytes = to.bytes.add(i * TILE);
                let rest: [__m512i; 4] = array::from_fn(|q| {
                    let sums = sums.as_flattened()[i * TILE + q * HALF..].as_ptr();
                    let halves = _mm512_xor_si512(_mm512_load_si512(sums.cast()), flipped);
                    let before = _mm_load_si128(bytes.add(q * HALF).cast());
                    let before = _mm512_maskz_cvtepi8_epi32(if to.keep { 0xFFFF } else { 0 }, before);
                    remainder_of(_mm512_dpwssd_epi32(_mm512_add_epi32(before, start), halves, fold), m)
                });
                _mm512_store_si512(bytes.cast(), bytes_of(rest, Order::AsTheyAre));
            }
        }
    }
}

#[cfg(not(all(target_feature = "avx512vnni", target_feature = "avx512bw", target_feature = "avx512dq")))]
mod division {
    use super::*;

    pub fn residues(values: &[i64; STEP], order: Order, moduli: &[Modulus], to: impl Fn(usize) -> *mut i8) {
        for (l, m) in moduli.iter().enumerate() {
            let line = unsafe { &mut *to(l).cast::<[i8; STEP]>() };
            for (k, &value) in values.iter().enumerate() {
                let at = if order == Order::AsTheyAre { k } else { k % HALF * 4 + k / HALF };
                line[at] = centred_remainder(value, m.p) as i8;
            }
        }
    }

    pub fn end_stores() {}

    pub fn reduce_rows(sums: &Sums, to: &Target, rows: Range<usize>) {
        let bytes = unsafe { &mut *to.bytes.cast::<[[i8; TILE]; TILE]>() };
        for (bytes, sums) in bytes[rows.clone()].iter_mut().zip(&sums[rows]) {
            for (byte, sum) in bytes.iter_mut().zip(sums) {
                let before = if to.keep { i64::from(*byte) } else { 0 };
                *byte = centred_remainder(i64::from(*sum) + before, to.m.p) as i8;
            }
        }
    }
}
