"""Test the reading of what callgrind counted."""

from __future__ import annotations

from harness.explain import callgrind

PROFILE = """# callgrind format
positions: instr line
events: Ir

ob=/usr/lib/libc.so.6
fl=memset.c
fn=memset
0x1000 3 70

ob=/build/c/naive/artefact/out
fl=???
fn=multiply
0x1165 0 90
0x116a 0 90
cob=/usr/lib/libc.so.6
cfn=memset
calls=2 0x1000 3
0x1170 0 70
0x1170 0 2

fn=main
0x1165 0 10
"""


def test_counts_are_of_the_program_and_without_called_functions():
    counts = callgrind.counts_of(PROFILE, "/build/c/naive/artefact/out")

    assert counts == {0x1165: 100, 0x116A: 90, 0x1170: 2}
