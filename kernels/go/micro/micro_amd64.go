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
