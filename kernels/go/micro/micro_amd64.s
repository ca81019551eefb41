// The two micro-kernels. The operand that is written comes last: VFMADD231PD x, y, z means z += x * y.
// A sum stays in its register for all steps; a step loads each value of B once and spreads each value of A once.

#include "textflag.h"

// AVX512F is bit 16 of EBX of leaf 7. By XCR0, the operating system must keep the registers: XMM and YMM (bits 1 and 2),
// masks (5), and ZMM (6 and 7).
// func hasAVX512() bool
TEXT ·hasAVX512(SB), NOSPLIT, $0-1
	MOVL  $7, AX
	MOVL  $0, CX
	CPUID
	SHRL  $16, BX
	MOVL  $0, CX
	XGETBV
	ANDL  $0xe6, AX
	CMPL  AX, $0xe6
	SETEQ AX
	ANDL  BX, AX
	ANDL  $1, AX
	MOVB  AX, ret+0(FP)
	RET

// One row of the 8 x 24 tile, one step: the row's value of A times three vectors of B.
#define ROW512(offset, x, s0, s1, s2) \
	VBROADCASTSD offset(SI), x \
	VFMADD231PD  Z0, x, s0     \
	VFMADD231PD  Z1, x, s1     \
	VFMADD231PD  Z2, x, s2

// A step asks for a line that is needed soon, into the second cache.
#define STEP512(a, b) \
	PREFETCHT1 0(R10)                \
	ADDQ    R11, R10                 \
	VMOVUPD b+0(DI), Z0              \
	VMOVUPD b+64(DI), Z1             \
	VMOVUPD b+128(DI), Z2            \
	ROW512(a+0, Z3, Z8, Z9, Z10)     \
	ROW512(a+8, Z4, Z11, Z12, Z13)   \
	ROW512(a+16, Z5, Z14, Z15, Z16)  \
	ROW512(a+24, Z6, Z17, Z18, Z19)  \
	ROW512(a+32, Z3, Z20, Z21, Z22)  \
	ROW512(a+40, Z4, Z23, Z24, Z25)  \
	ROW512(a+48, Z5, Z26, Z27, Z28)  \
	ROW512(a+56, Z6, Z29, Z30, Z31)

#define ZERO512(s0, s1, s2) \
	VPXORQ s0, s0, s0 \
	VPXORQ s1, s1, s1 \
	VPXORQ s2, s2, s2

// The tile's rows of C are asked for at the start, so that they are there at the end.
#define FETCH512 \
	PREFETCHT0 0(R8)   \
	PREFETCHT0 64(R8)  \
	PREFETCHT0 128(R8) \
	PREFETCHT0 184(R8) \
	ADDQ       R9, R8

#define ADD512(s0, s1, s2) \
	VADDPD 0(DX), s0, s0   \
	VADDPD 64(DX), s1, s1  \
	VADDPD 128(DX), s2, s2 \
	ADDQ   R9, DX

#define STORE512(s0, s1, s2) \
	VMOVUPD s0, 0(R8)   \
	VMOVUPD s1, 64(R8)  \
	VMOVUPD s2, 128(R8) \
	ADDQ    R9, R8

// func kernel8x24(kc int, a, b, c *float64, stride int, soon *float64, apart int, add bool)
TEXT ·kernel8x24(SB), NOSPLIT, $0-57
	MOVQ kc+0(FP), CX
	MOVQ a+8(FP), SI
	MOVQ b+16(FP), DI
	MOVQ c+24(FP), DX
	MOVQ stride+32(FP), R9
	SHLQ $3, R9
	MOVQ soon+40(FP), R10
	MOVQ apart+48(FP), R11
	SHLQ $3, R11
	MOVQ DX, R8
	FETCH512
	FETCH512
	FETCH512
	FETCH512
	FETCH512
	FETCH512
	FETCH512
	FETCH512
	ZERO512(Z8, Z9, Z10)
	ZERO512(Z11, Z12, Z13)
	ZERO512(Z14, Z15, Z16)
	ZERO512(Z17, Z18, Z19)
	ZERO512(Z20, Z21, Z22)
	ZERO512(Z23, Z24, Z25)
	ZERO512(Z26, Z27, Z28)
	ZERO512(Z29, Z30, Z31)
	MOVQ CX, BX
	SHRQ $2, BX
	JZ   rest
	PCALIGN $64
four:
	PREFETCHT0 1024(SI)
	PREFETCHT0 1088(SI)
	PREFETCHT0 1152(SI)
	PREFETCHT0 1216(SI)
	STEP512(0, 0)
	STEP512(64, 192)
	STEP512(128, 384)
	STEP512(192, 576)
	ADDQ $256, SI
	ADDQ $768, DI
	DECQ BX
	JNZ  four
rest:
	ANDQ $3, CX
	JZ   done
one:
	STEP512(0, 0)
	ADDQ $64, SI
	ADDQ $192, DI
	DECQ CX
	JNZ  one
done:
	MOVQ DX, R8
	CMPB add+56(FP), $0
	JEQ  store
	ADD512(Z8, Z9, Z10)
	ADD512(Z11, Z12, Z13)
	ADD512(Z14, Z15, Z16)
	ADD512(Z17, Z18, Z19)
	ADD512(Z20, Z21, Z22)
	ADD512(Z23, Z24, Z25)
	ADD512(Z26, Z27, Z28)
	ADD512(Z29, Z30, Z31)
store:
	STORE512(Z8, Z9, Z10)
	STORE512(Z11, Z12, Z13)
	STORE512(Z14, Z15, Z16)
	STORE512(Z17, Z18, Z19)
	STORE512(Z20, Z21, Z22)
	STORE512(Z23, Z24, Z25)
	STORE512(Z26, Z27, Z28)
	STORE512(Z29, Z30, Z31)
	VZEROUPPER
	RET

// The same with AVX2: 4 x 12, since there are 16 registers of half the width.
#define ROW256(offset, x, s0, s1, s2) \
	VBROADCASTSD offset(SI), x \
	VFMADD231PD  Y0, x, s0     \
	VFMADD231PD  Y1, x, s1     \
	VFMADD231PD  Y2, x, s2

#define FETCH256 \
	PREFETCHT0 0(R8)  \
	PREFETCHT0 64(R8) \
	PREFETCHT0 88(R8) \
	ADDQ       R9, R8

#define ADD256(s0, s1, s2) \
	VADDPD 0(DX), s0, s0  \
	VADDPD 32(DX), s1, s1 \
	VADDPD 64(DX), s2, s2 \
	ADDQ   R9, DX

#define STORE256(s0, s1, s2) \
	VMOVUPD s0, 0(R8)  \
	VMOVUPD s1, 32(R8) \
	VMOVUPD s2, 64(R8) \
	ADDQ    R9, R8

#define ZERO256(s0, s1, s2) \
	VXORPD s0, s0, s0 \
	VXORPD s1, s1, s1 \
	VXORPD s2, s2, s2

// func kernel4x12(kc int, a, b, c *float64, stride int, soon *float64, apart int, add bool)
TEXT ·kernel4x12(SB), NOSPLIT, $0-57
	MOVQ kc+0(FP), CX
	MOVQ a+8(FP), SI
	MOVQ b+16(FP), DI
	MOVQ c+24(FP), DX
	MOVQ stride+32(FP), R9
	SHLQ $3, R9
	MOVQ soon+40(FP), R10
	MOVQ apart+48(FP), R11
	SHLQ $3, R11
	MOVQ DX, R8
	FETCH256
	FETCH256
	FETCH256
	FETCH256
	ZERO256(Y4, Y5, Y6)
	ZERO256(Y7, Y8, Y9)
	ZERO256(Y10, Y11, Y12)
	ZERO256(Y13, Y14, Y15)
	PCALIGN $64
step:
	PREFETCHT0 512(SI)
	PREFETCHT1 0(R10)
	ADDQ R11, R10
	VMOVUPD 0(DI), Y0
	VMOVUPD 32(DI), Y1
	VMOVUPD 64(DI), Y2
	ROW256(0, Y3, Y4, Y5, Y6)
	ROW256(8, Y3, Y7, Y8, Y9)
	ROW256(16, Y3, Y10, Y11, Y12)
	ROW256(24, Y3, Y13, Y14, Y15)
	ADDQ $32, SI
	ADDQ $96, DI
	DECQ CX
	JNZ  step
	MOVQ DX, R8
	CMPB add+56(FP), $0
	JEQ  store
	ADD256(Y4, Y5, Y6)
	ADD256(Y7, Y8, Y9)
	ADD256(Y10, Y11, Y12)
	ADD256(Y13, Y14, Y15)
store:
	STORE256(Y4, Y5, Y6)
	STORE256(Y7, Y8, Y9)
	STORE256(Y10, Y11, Y12)
	STORE256(Y13, Y14, Y15)
	VZEROUPPER
	RET
