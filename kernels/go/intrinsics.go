// what changes: the base case is written for the CPU's vector unit, and keeps a tile of C in its registers
// why it is faster: each vector of B is loaded once for two rows, from slices of known length, and C once a base case
// what limits it now: the compiler moves sums between registers each step (golang issue 80829), and blocks are copied again and again
// how it is built: go build with GOEXPERIMENT=simd, for package simd/archsimd, whose Float64x8 is an AVX-512 register

package main

import "simd/archsimd"

func multiply(a, b, c []float64, n, rows, threads int) {
	divide(baseCase, a, b, c, n, rows, n, n, false)
}

// 2 x 32: eight sums, four vectors of B and two values of A. The compiler uses 15 of the 32 registers (golang issue 80828),
// and 4 x 16 was slower.
const tileRows, tileCols = 2, 32

// Rows of B that lie n values apart fall on the same few lines of the caches if n is a power of two; copies do not.
func baseCase(a, b, c []float64, n, rows, columns, depth int, add bool) {
	var block [base * tileCols]float64
	for j := 0; j < columns; j += tileCols {
		w := min(tileCols, columns-j)
		for k := range depth {
			copy(block[k*tileCols:], b[k*n+j:][:w])
		}
		for i := 0; i < rows; i += tileRows {
			last := min(i+1, rows-1) // a single row is computed twice
			a0, a1 := a[i*n:][:depth], a[last*n:][:depth]
			c0, c1 := c[i*n+j:][:w], c[last*n+j:][:w]
			if w == tileCols && i < last {
				tile(a0, a1, block[:], c0, c1, add)
				continue
			}
			var edge [tileRows][tileCols]float64
			copy(edge[0][:], c0)
			copy(edge[1][:], c1)
			tile(a0, a1, block[:], edge[0][:], edge[1][:], add)
			copy(c0, edge[0][:])
			copy(c1, edge[1][:])
		}
	}
}

func tile(a0, a1, block, c0, c1 []float64, add bool) {
	var s00, s01, s02, s03, s10, s11, s12, s13 archsimd.Float64x8
	if add {
		s00, s01, s02, s03 = get(c0)
		s10, s11, s12, s13 = get(c1)
	}
	a1 = a1[:len(a0)]
	for k := range a0 {
		b0, b1, b2, b3 := get(block)
		block = block[tileCols:]
		x := archsimd.BroadcastFloat64x8(a0[k])
		s00, s01, s02, s03 = x.MulAdd(b0, s00), x.MulAdd(b1, s01), x.MulAdd(b2, s02), x.MulAdd(b3, s03)
		x = archsimd.BroadcastFloat64x8(a1[k])
		s10, s11, s12, s13 = x.MulAdd(b0, s10), x.MulAdd(b1, s11), x.MulAdd(b2, s12), x.MulAdd(b3, s13)
	}
	put(c0, s00, s01, s02, s03)
	put(c1, s10, s11, s12, s13)
}

func get(from []float64) (v0, v1, v2, v3 archsimd.Float64x8) {
	from = from[:tileCols]
	return archsimd.LoadFloat64x8(from), archsimd.LoadFloat64x8(from[8:]), archsimd.LoadFloat64x8(from[16:]), archsimd.LoadFloat64x8(from[24:])
}

func put(to []float64, v0, v1, v2, v3 archsimd.Float64x8) {
	to = to[:tileCols]
	v0.Store(to)
	v1.Store(to[8:])
	v2.Store(to[16:])
	v3.Store(to[24:])
}
