package tile

import "simd/archsimd"

// Columns is the width of the tile: four registers of AVX-512, or of AVX2, without which a program that is built with
// GOAMD64=v3 does not start.
var Columns = 16

func init() {
	if archsimd.X86.AVX512() {
		Columns = 32
	}
}

// Multiply computes two rows c0 and c1 of a tile: the rows a0 and a1 of A times a block of B whose rows are Columns wide, or
// += if add. It is no variable, through which the compiler would not see that the slices may stay on the stack.
func Multiply(a0, a1, block, c0, c1 []float64, add bool) {
	if Columns == 32 {
		multiply32(a0, a1, block, c0, c1, add)
	} else {
		multiply16(a0, a1, block, c0, c1, add)
	}
}

func multiply32(a0, a1, block, c0, c1 []float64, add bool) {
	var s00, s01, s02, s03, s10, s11, s12, s13 archsimd.Float64x8
	if add {
		s00, s01, s02, s03 = get32(c0)
		s10, s11, s12, s13 = get32(c1)
	}
	a1 = a1[:len(a0)]
	for k := range a0 {
		b0, b1, b2, b3 := get32(block)
		block = block[32:]
		x := archsimd.BroadcastFloat64x8(a0[k])
		s00, s01, s02, s03 = x.MulAdd(b0, s00), x.MulAdd(b1, s01), x.MulAdd(b2, s02), x.MulAdd(b3, s03)
		x = archsimd.BroadcastFloat64x8(a1[k])
		s10, s11, s12, s13 = x.MulAdd(b0, s10), x.MulAdd(b1, s11), x.MulAdd(b2, s12), x.MulAdd(b3, s13)
	}
	put32(c0, s00, s01, s02, s03)
	put32(c1, s10, s11, s12, s13)
}

func get32(from []float64) (v0, v1, v2, v3 archsimd.Float64x8) {
	from = from[:32]
	return archsimd.LoadFloat64x8(from), archsimd.LoadFloat64x8(from[8:]), archsimd.LoadFloat64x8(from[16:]), archsimd.LoadFloat64x8(from[24:])
}

func put32(to []float64, v0, v1, v2, v3 archsimd.Float64x8) {
	to = to[:32]
	v0.Store(to)
	v1.Store(to[8:])
	v2.Store(to[16:])
	v3.Store(to[24:])
}

func multiply16(a0, a1, block, c0, c1 []float64, add bool) {
	var s00, s01, s02, s03, s10, s11, s12, s13 archsimd.Float64x4
	if add {
		s00, s01, s02, s03 = get16(c0)
		s10, s11, s12, s13 = get16(c1)
	}
	a1 = a1[:len(a0)]
	for k := range a0 {
		b0, b1, b2, b3 := get16(block)
		block = block[16:]
		x := archsimd.BroadcastFloat64x4(a0[k])
		s00, s01, s02, s03 = x.MulAdd(b0, s00), x.MulAdd(b1, s01), x.MulAdd(b2, s02), x.MulAdd(b3, s03)
		x = archsimd.BroadcastFloat64x4(a1[k])
		s10, s11, s12, s13 = x.MulAdd(b0, s10), x.MulAdd(b1, s11), x.MulAdd(b2, s12), x.MulAdd(b3, s13)
	}
	put16(c0, s00, s01, s02, s03)
	put16(c1, s10, s11, s12, s13)
}

func get16(from []float64) (v0, v1, v2, v3 archsimd.Float64x4) {
	from = from[:16]
	return archsimd.LoadFloat64x4(from), archsimd.LoadFloat64x4(from[4:]), archsimd.LoadFloat64x4(from[8:]), archsimd.LoadFloat64x4(from[12:])
}

func put16(to []float64, v0, v1, v2, v3 archsimd.Float64x4) {
	to = to[:16]
	v0.Store(to)
	v1.Store(to[4:])
	v2.Store(to[8:])
	v3.Store(to[12:])
}
