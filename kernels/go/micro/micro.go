// Package micro multiplies one packed sliver of A by one packed sliver of B into a tile of C that fits the registers.
// It is a package of its own because `go build` takes assembly from a folder only, not from a list of files.
package micro

// Rows and Cols are the size of the tile: so many values a step does a sliver of A, and of B, hold.
// Tile sets or (add) increases c[Rows x Cols], whose rows lie stride values apart, by the product of `steps` steps.
var (
	Rows, Cols = 4, 4
	Tile       = plain
)

// plain serves a CPU for which there is no assembly.
func plain(steps int, a, b, c []float64, stride int, add bool) {
	var sum [4][4]float64
	for range steps {
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
