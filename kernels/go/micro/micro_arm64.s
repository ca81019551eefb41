// The micro-kernel for NEON: 8 x 6, in 24 of 32 registers. VFMLA x, y, z means z += x * y.
// A sum stays in its register for all steps; a step loads each value of B once and spreads each value of A once.

#include "textflag.h"

// One row of the tile, one step: the row's value of A times three vectors of B.
#define ROW(x, s0, s1, s2) \
	VLD1R.P 8(R1), [x.D2]        \
	VFMLA   V0.D2, x.D2, s0.D2   \
	VFMLA   V1.D2, x.D2, s1.D2   \
	VFMLA   V2.D2, x.D2, s2.D2

#define ZERO(s0, s1, s2) \
	VEOR s0.B16, s0.B16, s0.B16 \
	VEOR s1.B16, s1.B16, s1.B16 \
	VEOR s2.B16, s2.B16, s2.B16

#define LOAD(s0, s1, s2) \
	VLD1 (R6), [s0.D2, s1.D2, s2.D2] \
	ADD  R4, R6

#define STORE(s0, s1, s2) \
	VST1 [s0.D2, s1.D2, s2.D2], (R3) \
	ADD  R4, R3

// func kernel8x6(kc int, a, b, c *float64, stride int, soon *float64, apart int, add bool)
TEXT ·kernel8x6(SB), NOSPLIT, $0-57
	MOVD  kc+0(FP), R0
	MOVD  a+8(FP), R1
	MOVD  b+16(FP), R2
	MOVD  c+24(FP), R3
	MOVD  stride+32(FP), R4
	LSL   $3, R4, R4
	MOVD  soon+40(FP), R7
	MOVD  apart+48(FP), R8
	LSL   $3, R8, R8
	MOVBU add+56(FP), R5
	MOVD  R3, R6
	CBZ   R5, zero
	LOAD(V8, V9, V10)
	LOAD(V11, V12, V13)
	LOAD(V14, V15, V16)
	LOAD(V17, V18, V19)
	LOAD(V20, V21, V22)
	LOAD(V23, V24, V25)
	LOAD(V26, V27, V28)
	LOAD(V29, V30, V31)
	B     step
zero:
	ZERO(V8, V9, V10)
	ZERO(V11, V12, V13)
	ZERO(V14, V15, V16)
	ZERO(V17, V18, V19)
	ZERO(V20, V21, V22)
	ZERO(V23, V24, V25)
	ZERO(V26, V27, V28)
	ZERO(V29, V30, V31)
step:
	PRFM  (R7), PLDL2KEEP // a line that is needed soon, into the second cache
	ADD   R8, R7
	VLD1.P 48(R2), [V0.D2, V1.D2, V2.D2]
	ROW(V3, V8, V9, V10)
	ROW(V4, V11, V12, V13)
	ROW(V5, V14, V15, V16)
	ROW(V6, V17, V18, V19)
	ROW(V3, V20, V21, V22)
	ROW(V4, V23, V24, V25)
	ROW(V5, V26, V27, V28)
	ROW(V6, V29, V30, V31)
	SUB   $1, R0
	CBNZ  R0, step
	STORE(V8, V9, V10)
	STORE(V11, V12, V13)
	STORE(V14, V15, V16)
	STORE(V17, V18, V19)
	STORE(V20, V21, V22)
	STORE(V23, V24, V25)
	STORE(V26, V27, V28)
	STORE(V29, V30, V31)
	RET
