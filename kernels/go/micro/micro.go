// Package micro is the micro-kernel: it multiplies a micro-panel of A by one of B into a tile of C that fits the registers.
// It is a package of its own because `go build` takes assembly from a folder only, not from a list of files.
package micro

// MR and NR are the size of the tile: so many values of a column does a micro-panel of A hold, and of a row one of B.
// Kernel computes c[MR x NR] = a[MR x kc] . b[kc x NR], or += if add. Rows of c lie stride values apart. Each step may ask
// for a line that is needed soon, apart values after the one before.
var (
	MR, NR = 4, 4
	Kernel = plain
)

// plain serves a CPU for which there is no assembly.
func plain(kc int, a, b, c []float64, stride int, _ []float64, _ int, add bool) {
	var sum [4][4]float64
	for range kc {
		for i, x := range a[:4] {
			for j, y := range b[:4] {
				sum[i][j] += x * y
			}
		}
		a, b = a[4:], b[4:]
	}
	for i := range sum {
		for j := range sum[i] {
			if add {
				sum[i][j] += c[i*stride+j]
			}
			c[i*stride+j] = sum[i][j]
		}
	}
}

// assembly is a micro-kernel with the first of each slice's values in place of the slice.
type assembly = func(kc int, a, b, c *float64, stride int, soon *float64, apart int, add bool)

// checked keeps the assembly, which knows no bounds, inside its slices: once a tile, so that it costs nothing. What is
// needed soon is only a hint, which may point anywhere.
func checked(mr, nr int, kernel assembly) func(int, []float64, []float64, []float64, int, []float64, int, bool) {
	return func(kc int, a, b, c []float64, stride int, soon []float64, apart int, add bool) {
		_, _, _ = a[kc*mr-1], b[kc*nr-1], c[(mr-1)*stride+nr-1]
		kernel(kc, &a[0], &b[0], &c[0], stride, &soon[0], apart, add)
	}
}
