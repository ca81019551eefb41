"""Test what is told of the instructions of a loop, and the sentence about them."""

from __future__ import annotations

import pytest

from harness.explain.loop_content import content_of, sentence_of
from harness.explain.machine_code import Instruction
from harness.model.inner_loop import LoopContent


def x86(*texts: str, frame_pointer: bool = False) -> LoopContent:
    return content_of([Instruction(i, text) for i, text in enumerate(texts)], "x86_64", frame_pointer)


def arm(*texts: str) -> LoopContent:
    return content_of([Instruction(i, text) for i, text in enumerate(texts)], "aarch64")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vfmadd231pd %zmm0,%zmm1,%zmm2", {"fmas": 1, "multiply_adds": 8, "vector_bits": 512}),
        ("vfmadd213pd (%rax),%ymm1,%ymm2", {"fmas": 1, "multiply_adds": 4, "vector_bits": 256, "loads": 1}),
        ("vfnmadd132sd 8(%rax,%rdx,8),%xmm1,%xmm2", {"fmas": 1, "multiply_adds": 1, "vector_bits": 64, "loads": 1}),
        (
            "vfmadd231pd 0x8(%rax){1to8},%zmm1,%zmm2",
            {"fmas": 1, "multiply_adds": 8, "vector_bits": 512, "broadcasts": 1},
        ),
        ("mulpd (%rdi),%xmm0", {"multiplications": 1, "multiply_adds": 2, "vector_bits": 128, "loads": 1}),
        ("vaddsd %xmm0,%xmm1,%xmm2", {"additions": 1, "vector_bits": 64}),
        ("vbroadcastsd (%rax),%zmm3", {"broadcasts": 1}),
        ("vbroadcastsd %xmm0,%ymm3", {"broadcasts": 1}),
        ("vmovupd -0x40(%rax,%rcx,8),%zmm0", {"loads": 1}),
        ("vmovupd %zmm0,(%rax)", {"stores": 1}),
        ("vmovupd %zmm0,(%rax){%k1}", {"stores": 1}),
        ("add $0x1,(%rax)", {"loads": 1, "stores": 1}),
        ("cmp %rax,(%rdx)", {"loads": 1}),
        ("mov %rax,0x18(%rsp)", {"spills": 1}),
        ("vmovapd 0x40(%rsp),%zmm1", {"spills": 1}),
        ("lea 0x8(%rsp),%rax", {}),
        ("prefetcht0 0x200(%rdi)", {}),
        ("nopw 0x0(%rax,%rax,1)", {}),
        ("cs nopw 0x0(%rax,%rax,1)", {}),
        ("jne 1165 <multiply+0x5>", {}),
        ("vmulps %ymm0,%ymm1,%ymm2", {}),
    ],
)
def test_instruction_of_x86_64_is_told(text, expected):
    assert x86(text) == LoopContent(instructions=1, **expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fmla v0.2d, v1.2d, v2.d[0]", {"fmas": 1, "multiply_adds": 2, "vector_bits": 128}),
        ("fmadd d0, d1, d2, d0", {"fmas": 1, "multiply_adds": 1, "vector_bits": 64}),
        ("fmul v0.2d, v1.2d, v2.2d", {"multiplications": 1, "multiply_adds": 2, "vector_bits": 128}),
        ("fadd d0, d0, d1", {"additions": 1, "vector_bits": 64}),
        ("ldp q0, q1, [x0]", {"loads": 2}),
        ("ldr d1, [x1, x3, lsl #3]", {"loads": 1}),
        ("ld1r {v0.2d}, [x0]", {"broadcasts": 1}),
        ("dup v0.2d, v1.d[0]", {"broadcasts": 1}),
        ("stp q0, q1, [x0], #32", {"stores": 2}),
        ("str q0, [sp, #16]", {"spills": 1}),
        ("ldr q0, [sp, #16]", {"spills": 1}),
        ("fmla v0.4s, v1.4s, v2.4s", {}),
    ],
)
def test_instruction_of_arm64_is_told(text, expected):
    assert arm(text) == LoopContent(instructions=1, **expected)


def test_frame_pointer_makes_accesses_by_it_spills():
    assert x86("mov -0x8(%rbp),%rax", frame_pointer=True).spills == 1
    assert x86("mov -0x8(%rbp),%rax").loads == 1


def test_tile_of_registers_is_one_sentence():
    tile = ["vmovapd (%rax),%zmm0"] * 3 + ["vbroadcastsd (%rdx),%zmm1"] * 8 + ["vfmadd231pd %zmm0,%zmm1,%zmm2"] * 24

    assert sentence_of(x86(*tile, "jne 0")) == (
        "24 FMAs of 8 doubles for 3 loads and 8 broadcasts; no spill; 192 multiply-adds in 36 instructions"
    )


def test_scalar_loop_with_spills_is_one_sentence():
    loop = ["movsd (%rax),%xmm0", "mulsd 8(%rdx),%xmm0", "addsd 8(%rsp),%xmm0", "movsd %xmm0,8(%rsp)"]

    assert sentence_of(x86(*loop)) == (
        "1 multiplication and 1 addition of one double for 2 loads; 2 spills; 1 multiply-add in 4 instructions"
    )


def test_operations_of_several_widths_are_up_to_the_widest():
    assert sentence_of(x86("vmulpd %ymm0,%ymm1,%ymm2", "vmulsd %xmm0,%xmm1,%xmm2")) == (
        "2 multiplications of up to 4 doubles without a load; no spill; 5 multiply-adds in 2 instructions"
    )


def test_loop_without_multiplications_says_so():
    assert sentence_of(x86("mov (%rax),%rdx", "jne 0")) == (
        "no multiplication of doubles in the 2 instructions of the hottest loop"
    )
