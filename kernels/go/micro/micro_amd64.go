package micro

import (
	"os"
	"strings"
)

//go:noescape
func tile8x24(steps int, a, b, c *float64, stride int, add bool)

//go:noescape
func tile4x12(steps int, a, b, c *float64, stride int, add bool)

// /proc/cpuinfo names only what the operating system lets a program use. The standard library keeps its own list private.
func init() {
	text, _ := os.ReadFile("/proc/cpuinfo")
	_, flags, _ := strings.Cut(string(text), "\nflags")
	flags, _, _ = strings.Cut(flags, "\n")
	has := func(flag string) bool { return strings.Contains(flags+" ", " "+flag+" ") }
	switch {
	case has("avx512f"):
		Rows, Cols, Tile = 8, 24, checked(8, 24, tile8x24)
	case has("avx2") && has("fma"):
		Rows, Cols, Tile = 4, 12, checked(4, 12, tile4x12)
	}
}

// checked keeps the assembly, which knows no bounds, inside its slices: once a tile, so that it costs nothing.
func checked(rows, cols int, tile func(int, *float64, *float64, *float64, int, bool)) func(int, []float64, []float64, []float64, int, bool) {
	return func(steps int, a, b, c []float64, stride int, add bool) {
		_, _, _ = a[steps*rows-1], b[steps*cols-1], c[(rows-1)*stride+cols-1]
		tile(steps, &a[0], &b[0], &c[0], stride, add)
	}
}
