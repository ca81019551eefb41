"""Test what is read from the files of cachegrind."""

from __future__ import annotations

from harness.explain.cachegrind import Tool, lacks_instruction, nameless_instructions, prefix, read_events
from harness.model.counts import Events
from tests import factories

FILE = """desc: D1 cache:         32768 B, 64 B, 8-way associative
cmd: ./naive a b c 32 1 1 1
events: Ir I1mr ILmr Dr D1mr DLmr Dw D1mw DLmw Bc Bcm Bi Bim
fn=main
3 149373 1 1 35125 1334 1171 12881 398 373 28414 3625 400 211
summary: 149373 1430 1402 35125 1334 1171 12881 398 373 28414 3625 400 211
"""


def test_events_are_those_of_the_summary(tmp_path):
    (tmp_path / "cachegrind.out.1").write_text(FILE)

    assert read_events(tmp_path) == Events(149373, 1334 + 398, 1171 + 373, 28414 + 400, 3625 + 211)


def test_processes_of_one_launch_are_added(tmp_path):
    for process in (1, 2):
        (tmp_path / f"cachegrind.out.{process}").write_text(FILE)

    assert read_events(tmp_path).instructions == 2 * 149373


def test_instructions_in_no_named_function_are_added(tmp_path):
    nameless = "fn=???\n0 7 0 0 0 0 0 0 0 0 0 0 0 0\n0 5 0 0 0 0 0 0 0 0 0 0 0 0\n"
    (tmp_path / "cachegrind.out.1").write_text(nameless + FILE[FILE.index("fn=") :])
    (tmp_path / "cachegrind.out.2").write_text(FILE.replace("summary", nameless + "summary"))

    assert nameless_instructions(tmp_path) == 2 * (7 + 5)


def test_killed_launch_has_no_events(tmp_path):
    (tmp_path / "cachegrind.out.1").write_text(FILE[: FILE.index("summary")])

    assert read_events(tmp_path) is None


def test_unknown_instruction_is_found_in_the_log(tmp_path):
    (tmp_path / "valgrind.log.7").write_text("vex amd64->IR: unhandled instruction bytes: 0x62 0xF2 0x7D\n")

    assert lacks_instruction(tmp_path)


def test_real_caches_and_a_fixed_hash_seed_are_given():
    words = prefix(Tool("valgrind-3.19.0", "setarch -R valgrind"), factories.caches()).split()

    assert {"PYTHONHASHSEED=0", "-R", "--D1=32768,8,64", "--LL=33554432,16,64"} <= set(words)
