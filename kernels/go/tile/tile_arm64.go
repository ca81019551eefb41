package tile

import "simd/archsimd"

// Columns is the width of the tile: four registers of NEON.
const Columns = 8

// Multiply computes two rows c0 and c1 of a tile: the rows a0 and a1 of A times a block of B whose rows are Columns wide, or
// += if add.
func Multiply(a0, a1, block, c0, c1 []float64, add bool) { multiply8(a0, a1, block, c0, c1, add) }

func multiply8(a0, a1, block, c0, c1 []float64, add bool) {
	var s00, s01, s02, s03, s10, s11, s12, s13 archsimd.Float64x2
	if add {
		s00, s01, s02, s03 = get8(c0)
		s10, s11, s12, s13 = get8(c1)
	}
	a1 = a1[:len(a0)]
	for k := range a0 {
		b0, b1, b2, b3 := get8(block)
		block = block[8:]
		x := archsimd.BroadcastFloat64x2(a0[k])
		s00, s01, s02, s03 = x.MulAdd(b0, s00), x.MulAdd(b1, s01), x.MulAdd(b2, s02), x.MulAdd(b3, s03)
		x = archsimd.BroadcastFloat64x2(a1[k])
		s10, s11, s12, s13 = x.MulAdd(b0, s10), x.MulAdd(b1, s11), x.MulAdd(b2, s12), x.MulAdd(b3, s13)
	}
	put8(c0, s00, s01, s02, s03)
	put8(c1, s10, s11, s12, s13)
}

func get8(from []float64) (v0, v1, v2, v3 archsimd.Float64x2) {
	from = from[:8]
	return archsimd.LoadFloat64x2(from), archsimd.LoadFloat64x2(from[2:]), archsimd.LoadFloat64x2(from[4:]), archsimd.LoadFloat64x2(from[6:])
}

func put8(to []float64, v0, v1, v2, v3 archsimd.Float64x2) {
	to = to[:8]
	v0.Store(to)
	v1.Store(to[2:])
	v2.Store(to[4:])
	v3.Store(to[6:])
}
