package micro

//go:noescape
func kernel8x6(kc int, a, b, c *float64, stride int, soon *float64, apart int, add bool)

// Every arm64 CPU has NEON.
func init() { MR, NR, Kernel = 8, 6, checked(8, 6, kernel8x6) }
