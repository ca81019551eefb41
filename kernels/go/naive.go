// what changes: nothing yet: the i, j, k loops of the textbook, each sum kept in a local variable
// why it is faster: it is the start of the ladder: a step is a few machine instructions, with no interpreter between
// what limits it now: B is read down its columns, n * 8 bytes a step, so that each step needs another cache line
// how it is built: go build with GOAMD64=v3, rows taken as slices once

package main

func multiply(a, b, c []float64, n, rows, threads int) {
	for i := range rows {
		ai := a[i*n : (i+1)*n]
		ci := c[i*n : (i+1)*n]
		for j := range n {
			total := 0.0
			for k := range n {
				total += ai[k] * b[k*n+j]
			}
			ci[j] = total
		}
	}
}
