"""Test which lines of the source instructions come from."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from harness.explain.source_lines import source_lines, virtual_address
from tests.needs import need

SOURCE = """int add(int *a) {
    a[0] += 7;
    return a[1];
}
int main(void) { int a[2] = {0, 0}; return add(a); }
"""


@pytest.fixture
def program(tmp_path, compiler):
    """Return a function that compiles SOURCE with some options."""
    for name in ("objdump", "addr2line"):
        need(shutil.which(name), name)
    (tmp_path / "add.c").write_text(SOURCE)

    def compiled(*options: str):
        output = tmp_path / "add"
        subprocess.run([compiler, *options, "-o", output, tmp_path / "add.c"], check=True)
        return output

    return compiled


def address_of_add(program) -> int:
    listing = subprocess.run(["objdump", "-d", program], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"^([0-9a-f]+) <add>:", listing, re.M)[1], 16)


def test_line_is_told_by_debugging_information(program):
    file = program("-g", "-O0")

    assert source_lines(file, [address_of_add(file), 0]) == ["add.c:1", ""]


def test_program_without_debugging_information_has_no_lines(program):
    file = program()

    assert source_lines(file, [address_of_add(file)]) == [""]


def test_offset_in_a_file_leads_to_its_address(program):
    file = program("-O1")
    address = address_of_add(file)
    listing = subprocess.run(["objdump", "-d", "-F", file], capture_output=True, text=True, check=True).stdout
    offset = int(re.search(r"<add> \(File Offset: 0x([0-9a-f]+)\)", listing)[1], 16)

    assert virtual_address(file, offset) == address
    assert virtual_address(file, 2**40) is None


def test_file_that_is_no_program_has_no_addresses(tmp_path):
    (tmp_path / "text").write_text("no program")

    assert virtual_address(tmp_path / "text", 0) is None
    assert source_lines(tmp_path / "text", [1, 2]) == ["", ""]
