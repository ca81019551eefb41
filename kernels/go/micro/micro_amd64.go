package micro

//go:noescape
func kernel8x24(kc int, a, b, c *float64, stride int, soon *float64, apart int, add bool)

//go:noescape
func kernel4x12(kc int, a, b, c *float64, stride int, soon *float64, apart int, add bool)

// hasAVX512 asks the CPU: the standard library keeps its own list private, and /proc/cpuinfo is that of the machine even
// where an emulator has fewer instructions.
func hasAVX512() bool

// A program that is built with GOAMD64=v3 does not start on a CPU without AVX2 and FMA.
func init() {
	if hasAVX512() {
		MR, NR, Kernel = 8, 24, checked(8, 24, kernel8x24)
	} else {
		MR, NR, Kernel = 4, 12, checked(4, 12, kernel4x12)
	}
}
