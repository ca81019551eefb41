// what changes: the product is halved along its longest side, again and again; halves of C are computed in parallel
// why it is faster: at some depth the three parts fit each cache, whatever its size, and are used there many times
// what limits it now: Go's compiler does not vectorise: a multiplication and an addition at a time at the bottom
// how it is built: go build with GOAMD64=v3, goroutines for the halves, GOMAXPROCS set by the driver

package main

import "sync"

// 64: three blocks of 64 x 64 fit every second cache and nearly a first one, and dividing costs nothing beside 64^3 steps.
const base = 64

// A baseCaseFunc computes c[rows x columns] = a[rows x depth] . b[depth x columns], or += if add, all inside matrices with
// n columns, where no side is longer than base.
type baseCaseFunc func(a, b, c []float64, n, rows, columns, depth int, add bool)

// divide computes the same for sides of any length, by divide and conquer down to baseCase.
func divide(baseCase baseCaseFunc, a, b, c []float64, n, rows, columns, depth int, add bool) {
	switch longest := max(rows, columns, depth); {
	case longest <= base:
		baseCase(a, b, c, n, rows, columns, depth, add)
	case longest == rows:
		h := half(rows)
		both(rows*columns,
			func() { divide(baseCase, a, b, c, n, h, columns, depth, add) },
			func() { divide(baseCase, a[h*n:], b, c[h*n:], n, rows-h, columns, depth, add) })
	case longest == columns:
		h := half(columns)
		both(rows*columns,
			func() { divide(baseCase, a, b, c, n, rows, h, depth, add) },
			func() { divide(baseCase, a, b[h:], c[h:], n, rows, columns-h, depth, add) })
	default: // both halves add to all of c: one after the other
		h := half(depth)
		divide(baseCase, a, b, c, n, rows, columns, h, add)
		divide(baseCase, a[h:], b[h*n:], c, n, rows, columns, depth-h, true)
	}
}

// half leaves whole base cases on one side at least, so that few are cut.
func half(side int) int { return (side/2 + base - 1) / base * base }

// both runs the halves at once, unless they are too small to pay for a goroutine.
func both(size int, first, second func()) {
	if size <= 4*base*base {
		first()
		second()
		return
	}
	var group sync.WaitGroup
	group.Add(1)
	go func() {
		defer group.Done()
		first()
	}()
	second()
	group.Wait()
}

func plainBaseCase(a, b, c []float64, n, rows, columns, depth int, add bool) {
	for i := range rows {
		ci := c[i*n:][:columns]
		if !add {
			clear(ci)
		}
		for k, aik := range a[i*n:][:depth] {
			bk := b[k*n:][:len(ci)] // as long as ci, so that bk[j] needs no bounds check
			for j := range ci {
				ci[j] += aik * bk[j]
			}
		}
	}
}
