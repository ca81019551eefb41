// what changes: blocks of A and B are packed in the order of use; a micro-kernel keeps a tile of C in registers
// why it is faster: a step of 8 x 24 sums loads 32 values, all read in the order in which they lie, and nothing is spilled
// what limits it now: the FMA units; in package simd a tile of 2 x 32 took 1.16 times as long (1.13 to 1.28, n = 2048)
// how it is built: go build with GOAMD64=v3; package micro has AVX-512 and AVX2 tiles and picks one when the program starts

package main

import "kernels/micro"

// A panel is kc rows and nc columns of B; a block is mc rows and kc columns of A.
type blocking struct{ mc, kc, nc int }

func blockingFor(n, rows, threads int) blocking {
	l1, l2, l3 := cacheSizes()
	// A sliver of A and one of B take twice the first cache: they stream from the second, and C is touched less often.
	kc := max(8, 2*l1/(8*(micro.Rows+micro.Cols))/8*8)
	mc := max(micro.Rows, l2/2/(8*kc)/micro.Rows*micro.Rows)
	nc := max(micro.Cols, l3/2/(8*kc)/micro.Cols*micro.Cols)
	// As many blocks as a multiple of the threads, so that all end together.
	blocks := roundUp(ceilDiv(rows, mc), threads)
	return blocking{min(mc, roundUp(ceilDiv(rows, blocks), micro.Rows)), min(kc, n), min(nc, roundUp(n, micro.Cols))}
}

// Kept between repetitions: two panels of B, so that one is packed while the other is used, and a block of A a worker.
var (
	panels [2][]float64
	packed [][]float64
)

const sliversATask = 8 // of B: long enough runs of its rows, and small enough tasks

func multiply(a, b, c []float64, n, rows, threads int) {
	size := blockingFor(n, rows, threads)
	if packed == nil {
		panels = [2][]float64{make([]float64, size.kc*size.nc), make([]float64, size.kc*size.nc)}
		for range threads {
			packed = append(packed, make([]float64, size.mc*size.kc))
		}
	}
	down, across := ceilDiv(n, size.kc), ceilDiv(n, size.nc)
	blocks := ceilDiv(rows, size.mc)
	for p := range down*across + 1 {
		// Panel p-1 is multiplied and panel p packed in one go: the small tasks come last and fill the gaps.
		k, j := (p+down-1)%down*size.kc, (p-1)/down*size.nc
		nextK, nextJ := p%down*size.kc, p/down*size.nc
		use, pack := blocks, ceilDiv(min(size.nc, n-nextJ), sliversATask*micro.Cols)
		if p == 0 {
			use = 0 // no panel is packed yet
		}
		if p == down*across {
			pack = 0 // the last panel has been packed
		}
		inParallel(threads, use+pack, func(worker, task int) {
			if task < use {
				i := task * size.mc
				m, steps := min(size.mc, rows-i), min(size.kc, n-k)
				packA(packed[worker], a[i*n+k:], n, m, steps)
				multiplyBlock(packed[worker], panels[(p+1)%2], c[i*n+j:], n, m, min(size.nc, n-j), steps, k > 0)
			} else {
				first := (task - use) * sliversATask * micro.Cols
				steps := min(size.kc, n-nextK)
				width := min(sliversATask*micro.Cols, size.nc-first, n-nextJ-first)
				packB(panels[p%2][first*steps:], b[nextK*n+nextJ+first:], n, width, steps)
			}
		})
	}
}

// packA writes slivers of micro.Rows rows, the values of one step side by side, zeros below the last row.
func packA(to, a []float64, n, m, steps int) {
	for i := 0; i < m; i += micro.Rows {
		sliver := to[i*steps:][:micro.Rows*steps]
		if m-i < micro.Rows {
			clear(sliver)
		}
		for r := range min(micro.Rows, m-i) {
			at := r
			for _, value := range a[(i+r)*n:][:steps] {
				sliver[at] = value
				at += micro.Rows
			}
		}
	}
}

// packB writes slivers of micro.Cols columns, the values of one step side by side, zeros right of the last column.
func packB(to, b []float64, n, width, steps int) {
	for k := range steps {
		row := b[k*n:][:width]
		for j := 0; j < width; j += micro.Cols {
			step := to[j*steps+k*micro.Cols:][:micro.Cols]
			clear(step[copy(step, row[j:]):])
		}
	}
}

// multiplyBlock takes each sliver of B through the whole block of A, which stays in the second cache.
func multiplyBlock(a, b, c []float64, n, m, width, steps int, add bool) {
	var edge [8 * 24]float64
	for j := 0; j < width; j += micro.Cols {
		for i := 0; i < m; i += micro.Rows {
			if m-i >= micro.Rows && width-j >= micro.Cols {
				micro.Tile(steps, a[i*steps:], b[j*steps:], c[i*n+j:], n, add)
				continue
			}
			micro.Tile(steps, a[i*steps:], b[j*steps:], edge[:], micro.Cols, false)
			for r := range min(micro.Rows, m-i) {
				row := c[(i+r)*n+j:][:min(micro.Cols, width-j)]
				for q := range row {
					if !add {
						row[q] = 0
					}
					row[q] += edge[r*micro.Cols+q]
				}
			}
		}
	}
}
