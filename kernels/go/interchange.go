// what changes: the j and k loops change places
// why it is faster: B and C are now read along their rows: whole cache lines are used, and the prefetcher runs ahead
// what limits it now: Go's compiler does not vectorise, all of B streams from memory again for each row, one core works
// how it is built: go build with GOAMD64=v3, rows taken as slices once

package main

func multiplyRow(ai, b, ci []float64, n int) {
	clear(ci)
	for k, aik := range ai {
		bk := b[k*n:][:len(ci)] // as long as ci, so that bk[j] needs no bounds check
		for j := range ci {
			ci[j] += aik * bk[j]
		}
	}
}

func multiply(a, b, c []float64, n, rows, threads int) {
	for i := range rows {
		multiplyRow(a[i*n:(i+1)*n], b, c[i*n:(i+1)*n], n)
	}
}
