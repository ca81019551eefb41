package micro

import (
	"os"
	"strings"
)

//go:noescape
func kernel8x24(kc int, a, b, c *float64, stride int, add bool)

//go:noescape
func kernel4x12(kc int, a, b, c *float64, stride int, add bool)

// /proc/cpuinfo names only what the operating system lets a program use. The standard library keeps its own list private.
func init() {
	text, _ := os.ReadFile("/proc/cpuinfo")
	_, flags, _ := strings.Cut(string(text), "\nflags")
	flags, _, _ = strings.Cut(flags, "\n")
	has := func(flag string) bool { return strings.Contains(flags+" ", " "+flag+" ") }
	switch {
	case has("avx512f"):
		MR, NR, Kernel = 8, 24, checked(8, 24, kernel8x24)
	case has("avx2") && has("fma"):
		MR, NR, Kernel = 4, 12, checked(4, 12, kernel4x12)
	}
}

// checked keeps the assembly, which knows no bounds, inside its slices: once a tile, so that it costs nothing.
func checked(mr, nr int, kernel func(int, *float64, *float64, *float64, int, bool)) func(int, []float64, []float64, []float64, int, bool) {
	return func(kc int, a, b, c []float64, stride int, add bool) {
		_, _, _ = a[kc*mr-1], b[kc*nr-1], c[(mr-1)*stride+nr-1]
		kernel(kc, &a[0], &b[0], &c[0], stride, add)
	}
}
