// what changes: the base case is written for the CPU's vector unit, and keeps a tile of C in its registers
// why it is faster: each vector of B is loaded once for two rows, from slices of known length, and C once a base case
// what limits it now: the compiler moves sums between registers each step (golang issue 80829), and blocks are copied again and again
// how it is built: go build with GOEXPERIMENT=simd; package tile has AVX-512, AVX2 and NEON forms, of simd/archsimd's types

package main

import "kernels/tile"

func multiply(a, b, c []float64, n, rows, threads int) {
	divide(baseCase, a, b, c, n, rows, n, n, false)
}

// Rows of B that lie n values apart fall on the same few lines of the caches if n is a power of two; copies do not.
func baseCase(a, b, c []float64, n, rows, columns, depth int, add bool) {
	var block [base * tile.MaxColumns]float64
	width := tile.Columns
	for j := 0; j < columns; j += width {
		w := min(width, columns-j)
		for k := range depth {
			copy(block[k*width:], b[k*n+j:][:w])
		}
		for i := 0; i < rows; i += tile.Rows {
			last := min(i+1, rows-1) // a single row is computed twice
			a0, a1 := a[i*n:][:depth], a[last*n:][:depth]
			c0, c1 := c[i*n+j:][:w], c[last*n+j:][:w]
			if w == width && i < last {
				tile.Multiply(a0, a1, block[:], c0, c1, add)
				continue
			}
			var edge [tile.Rows][tile.MaxColumns]float64
			copy(edge[0][:], c0)
			copy(edge[1][:], c1)
			tile.Multiply(a0, a1, block[:], edge[0][:], edge[1][:], add)
			copy(c0, edge[0][:])
			copy(c1, edge[1][:])
		}
	}
}
