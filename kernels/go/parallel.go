// what changes: the rows of C are split evenly over the cores
// why it is faster: all cores work, and they need no locks, since no two write the same row
// what limits it now: Go's compiler does not vectorise, every core streams all of B for each row from one shared memory
// how it is built: go build with GOAMD64=v3, one goroutine a thread, GOMAXPROCS set by the driver

package main

import "sync"

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
	threads = min(threads, rows)
	var group sync.WaitGroup
	for t := range threads {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := rows * t / threads; i < rows*(t+1)/threads; i++ {
				multiplyRow(a[i*n:(i+1)*n], b, c[i*n:(i+1)*n], n)
			}
		}()
	}
	group.Wait()
}
