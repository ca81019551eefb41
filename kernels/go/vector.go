// what changes: the base case copies its block of B and is vectorised, by the compiler or in portable vectors
// why it is faster: a step is a multiplication and an addition of as many values as the CPU's vectors hold
// what limits it now: each vector of B is loaded for one row alone, with checks of the slices and moves between registers
// how it is built: go build with GOEXPERIMENT=simd: package simd picks the CPU's vector length when the program starts

package main

import "simd"

func multiply(a, b, c []float64, n, rows, threads int) {
	divide(baseCase, a, b, c, n, rows, n, n, false)
}

// Rows of B that lie n values apart fall on the same few lines of the caches if n is a power of two; copies do not.
// They are as wide as the base case, so that a vector never ends beyond them; what lies right of `columns` is not used.
func baseCase(a, b, c []float64, n, rows, columns, depth int, add bool) {
	var block [base * base]float64
	for k := range depth {
		copy(block[k*base:], b[k*n:][:columns])
	}
	var row [base]float64
	for i := range rows {
		ci := c[i*n:][:columns]
		clear(row[:])
		if add {
			copy(row[:], ci)
		}
		multiplyRow(a[i*n:][:depth], block[:], row[:])
		copy(ci, row[:])
	}
}

// multiplyRow keeps four vectors of sums in registers through all steps: as many as hide how long an addition takes.
func multiplyRow(ai, block, row []float64) {
	lanes := simd.BroadcastFloat64s(0).Len()
	for j := 0; j+4*lanes <= base; j += 4 * lanes {
		sums := row[j:][:4*lanes]
		s0, s1 := simd.LoadFloat64s(sums), simd.LoadFloat64s(sums[lanes:])
		s2, s3 := simd.LoadFloat64s(sums[2*lanes:]), simd.LoadFloat64s(sums[3*lanes:])
		for k, aik := range ai {
			x := simd.BroadcastFloat64s(aik)
			bk := block[k*base+j:][:4*lanes]
			s0 = x.MulAdd(simd.LoadFloat64s(bk), s0)
			s1 = x.MulAdd(simd.LoadFloat64s(bk[lanes:]), s1)
			s2 = x.MulAdd(simd.LoadFloat64s(bk[2*lanes:]), s2)
			s3 = x.MulAdd(simd.LoadFloat64s(bk[3*lanes:]), s3)
		}
		s0.Store(sums)
		s1.Store(sums[lanes:])
		s2.Store(sums[2*lanes:])
		s3.Store(sums[3*lanes:])
	}
}
