package main

import (
	"fmt"
	"time"

	"kernels/micro"
)

// Prints the rate of the micro-kernel on packed panels that stay in the caches, in GFLOPS: the best of many chunks.
func main() {
	const kc, panels, passes, chunks = 256, 32, 16, 100
	mr, nr := micro.MR, micro.NR
	a, b, c := make([]float64, panels*mr*kc), make([]float64, kc*nr), make([]float64, panels*mr*nr)
	for i := range a {
		a[i] = 0.5
	}
	for i := range b {
		b[i] = 0.25
	}
	best := 0.0
	for range chunks {
		start := time.Now()
		for pass := range passes {
			macroKernel(a, b, c, nr, panels*mr, nr, kc, pass > 0)
		}
		best = max(best, 2e-9*float64(passes*panels*mr*nr*kc)/time.Since(start).Seconds())
	}
	for _, sum := range c {
		if sum != 0.125*kc*passes {
			panic("a wrong sum")
		}
	}
	fmt.Println(best)
}
