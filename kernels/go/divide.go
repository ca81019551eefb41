// what changes: the product is halved along its longest side, again and again; halves of C are computed in parallel
// why it is faster: at some depth the three parts fit each cache, whatever its size, and are used there many times
// what limits it now: Go's compiler does not vectorise: a multiplication and an addition at a time at the bottom
// how it is built: go build with GOAMD64=v3, goroutines for the halves, GOMAXPROCS set by the driver

package main

import "sync"

// 64: three blocks of 64 x 64 fit every second cache and nearly a first one, and dividing costs nothing beside 64^3 steps.
const base = 64

func multiply(a, b, c []float64, n, rows, threads int) {
	divide(a, b, c, n, rows, n, n, false)
}

// baseCase is what divide ends in, where no side is longer than base; a rung that is built with this file sets its own.
var baseCase = multiplyBase

// divide computes c[m x width] = or (add) += a[m x depth] . b[depth x width], all inside matrices with n columns.
func divide(a, b, c []float64, n, m, depth, width int, add bool) {
	switch longest := max(m, depth, width); {
	case longest <= base:
		baseCase(a, b, c, n, m, depth, width, add)
	case longest == m:
		h := half(m)
		both(m*width,
			func() { divide(a, b, c, n, h, depth, width, add) },
			func() { divide(a[h*n:], b, c[h*n:], n, m-h, depth, width, add) })
	case longest == width:
		h := half(width)
		both(m*width,
			func() { divide(a, b, c, n, m, depth, h, add) },
			func() { divide(a, b[h:], c[h:], n, m, depth, width-h, add) })
	default: // both halves add to all of c: one after the other
		h := half(depth)
		divide(a, b, c, n, m, h, width, add)
		divide(a[h:], b[h*n:], c, n, m, depth-h, width, true)
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

func multiplyBase(a, b, c []float64, n, m, depth, width int, add bool) {
	for i := range m {
		ci := c[i*n:][:width]
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
