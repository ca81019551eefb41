"""Test the reading of disassembly: instructions, loops, and the loop with the most counts."""

from __future__ import annotations

from harness.explain.machine_code import Instruction, Loop, hottest, loops, loops_of, parse

LISTING = """
/tmp/out:     file format elf64-x86-64

0000000000001160 <multiply>:
    1160:\tmov    %rsp,%rbp
    1163:\txor    %eax,%eax
    1165:\tvmovsd (%rdi,%rax,8),%xmm0
    116a:\tvfmadd231sd (%rsi,%rax,8),%xmm0,%xmm1        # 4010 <b>
    1170:\tinc    %rax
    1173:\tjne    1165 <multiply+0x5>
    1175:\tadd    $0x8,%rsi
    1179:\tcmp    %rdx,%rsi
    117c:\tjb     1163 <multiply+0x3>
    117e:\tret
"""

ARM64 = """
  400510:\tldr\td1, [x1, x3, lsl #3]
  400514:\tfmadd\td0, d1, d2, d0
  400518:\tadd\tx3, x3, #0x1 // a remark
  40051c:\tcbnz\tx3, 400510 <multiply+0x10>
  400520:\ttbnz\tw4, #3, 0x400510
  400524:\tbl\t400510 <multiply+0x10>
"""


def counts_at(code, **by_address):
    wanted = {int(address.removeprefix("at_"), 16): number for address, number in by_address.items()}
    return [wanted.get(instruction.address, 0) for instruction in code]


def test_listing_gives_addresses_and_texts_without_remarks():
    code = parse(LISTING)

    assert code[0] == Instruction(0x1160, "mov %rsp,%rbp")
    assert code[3] == Instruction(0x116A, "vfmadd231sd (%rsi,%rax,8),%xmm0,%xmm1")
    assert len(code) == 10


def test_jumps_back_are_loops():
    assert loops(parse(LISTING)) == [Loop(2, 5), Loop(1, 8)]


def test_jumps_of_arm64_are_loops_and_calls_are_not():
    assert loops(parse(ARM64)) == [Loop(0, 4)]


def test_raw_code_has_targets_without_a_name():
    assert loops(parse("  10:\tnop\n  11:\tjne    0x10\n")) == [Loop(0, 1)]


def test_jumps_to_one_target_are_one_loop():
    assert loops_of([(7, 2), (5, 2), (9, 8)]) == [Loop(2, 7), Loop(8, 9)]


def test_hottest_is_the_innermost_loop_that_was_found_most():
    code = parse(LISTING)

    assert hottest(counts_at(code, at_116a=90, at_1179=5, at_1160=500), loops(code)) == (Loop(2, 5), 90)


def test_hottest_is_the_outer_loop_where_its_own_code_takes_longer():
    code = parse(LISTING)

    assert hottest(counts_at(code, at_116a=10, at_1163=8, at_1179=40), loops(code)) == (Loop(1, 8), 48)


def test_code_that_never_ran_has_no_hottest_loop():
    code = parse(LISTING)

    assert hottest(counts_at(code, at_117e=3), loops(code)) is None
