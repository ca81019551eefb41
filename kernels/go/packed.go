// what changes: blocks of A and B are packed in the order of use; a micro-kernel keeps a tile of C in registers
// why it is faster: a step of 8 x 24 sums loads 32 values, all read in the order in which they lie, and nothing is spilled
// what limits it now: the FMA units; the rest is packing, and the tiles of C on their way from and to memory
// how it is built: go build with GOAMD64=v3; package micro has AVX-512, AVX2 and NEON tiles, and picks one at the start

package main

import "kernels/micro"

// A block of A is mc rows and kc columns, one of B kc rows and nc columns.
type blocking struct{ mc, nc, kc int }

// With longer micro-panels a block of A would have so few rows that B comes from the third cache too often.
const maxPanels = 256 << 10

func blockingFor(n, rows, threads int) blocking {
	l2 := cacheBytes(2, threads, 1<<20)
	l3 := cacheBytes(3, 1, 16<<20) // all threads read the same block of B
	// A micro-panel of A and one of B take a quarter of the second cache, from which they stream: C is touched less often.
	kc := max(8, min(l2/4, maxPanels)/(8*(micro.MR+micro.NR))/8*8)
	mc := max(micro.MR, l2/2/(8*kc)/micro.MR*micro.MR)
	nc := max(micro.NR, l3/2/(8*kc)/micro.NR*micro.NR)
	// As many blocks as a multiple of the threads, so that all end together.
	blocks := roundUp(ceilDiv(rows, mc), threads)
	return blocking{min(mc, roundUp(ceilDiv(rows, blocks), micro.MR)), min(nc, roundUp(n, micro.NR)), min(kc, n)}
}

// Kept between repetitions: a block of A a worker, and two of B, so that one is packed while the other is used.
var (
	packedA [][]float64
	packedB [2][]float64
)

const panelsATask = 8 // micro-panels of B: long enough runs of its rows, and small enough tasks

func multiply(a, b, c []float64, n, rows, threads int) {
	size := blockingFor(n, rows, threads)
	if packedA == nil {
		packedB = [2][]float64{make([]float64, size.kc*size.nc), make([]float64, size.kc*size.nc)}
		for range threads {
			packedA = append(packedA, make([]float64, size.mc*size.kc))
		}
	}
	down, across := ceilDiv(n, size.kc), ceilDiv(n, size.nc)
	blocks := ceilDiv(rows, size.mc)
	for p := range down*across + 1 {
		// Block p-1 of B is multiplied and block p packed in one go: the small tasks come last and fill the gaps.
		k, j := (p+down-1)%down*size.kc, (p-1)/down*size.nc
		nextK, nextJ := p%down*size.kc, p/down*size.nc
		use, pack := blocks, ceilDiv(min(size.nc, n-nextJ), panelsATask*micro.NR)
		if p == 0 {
			use = 0 // no block is packed yet
		}
		if p == down*across {
			pack = 0 // the last block has been packed
		}
		inParallel(threads, use+pack, func(worker, task int) {
			if task < use {
				i := task * size.mc
				mc, nc, kc := min(size.mc, rows-i), min(size.nc, n-j), min(size.kc, n-k)
				packA(a[i*n+k:], n, mc, kc, packedA[worker])
				macroKernel(packedA[worker], packedB[(p+1)%2], c[i*n+j:], n, mc, nc, kc, k > 0)
			} else {
				first := (task - use) * panelsATask * micro.NR
				kc := min(size.kc, n-nextK)
				nc := min(panelsATask*micro.NR, size.nc-first, n-nextJ-first)
				packB(b[nextK*n+nextJ+first:], n, nc, kc, packedB[p%2][first*kc:])
			}
		})
	}
}

// packA writes a block of A as micro-panels of micro.MR rows, the values of a column side by side, zeros below the last row.
func packA(a []float64, n, mc, kc int, packedA []float64) {
	for i := 0; i < mc; i += micro.MR {
		panel := packedA[i*kc:][:micro.MR*kc]
		if mc-i < micro.MR {
			clear(panel)
		}
		for r := range min(micro.MR, mc-i) {
			at := r
			for _, value := range a[(i+r)*n:][:kc] {
				panel[at] = value
				at += micro.MR
			}
		}
	}
}

// packB writes micro-panels of micro.NR columns of B, the values of a row side by side, zeros right of the last column.
func packB(b []float64, n, nc, kc int, packedB []float64) {
	for k := range kc {
		row := b[k*n:][:nc]
		for j := 0; j < nc; j += micro.NR {
			to := packedB[j*kc+k*micro.NR:][:micro.NR]
			clear(to[copy(to, row[j:]):])
		}
	}
}

// macroKernel computes c[mc x nc] = a . b, or += if add, of packed blocks: it takes each micro-panel of B through the whole
// block of A, which stays in the second cache. The next one is fetched meanwhile, a part in each tile: the first tile would
// wait for all of it.
func macroKernel(a, b, c []float64, n, mc, nc, kc int, add bool) {
	var edge [8 * 24]float64
	apart := ceilDiv(micro.NR, ceilDiv(mc, micro.MR))
	for j := 0; j < nc; j += micro.NR {
		next := (j + micro.NR) * kc
		if j+micro.NR >= nc {
			next = 0
		}
		for i := 0; i < mc; i += micro.MR {
			soon := b[min(next+i/micro.MR*kc*apart, len(b)-1):]
			if mc-i >= micro.MR && nc-j >= micro.NR {
				micro.Kernel(kc, a[i*kc:], b[j*kc:], c[i*n+j:], n, soon, apart, add)
				continue
			}
			micro.Kernel(kc, a[i*kc:], b[j*kc:], edge[:], micro.NR, soon, apart, false)
			for r := range min(micro.MR, mc-i) {
				row := c[(i+r)*n+j:][:min(micro.NR, nc-j)]
				for q := range row {
					if !add {
						row[q] = 0
					}
					row[q] += edge[r*micro.NR+q]
				}
			}
		}
	}
}
