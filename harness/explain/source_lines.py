"""Find the lines of the source that instructions come from, by the debugging information of their file."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path

_KNOWN = re.compile(r"(.*):(\d+)(?: |$)")

_LOADED = 1
"""The type of the segments of an ELF file that are loaded to memory, PT_LOAD."""


def virtual_address(file: Path, offset: int) -> int | None:
    """Return the address that an offset in a 64-bit ELF file has in its debugging information; None without one."""
    with file.open("rb") as elf:
        header = elf.read(64)
        if header[:6] != b"\x7fELF\x02\x01":  # 64 bits, little-endian
            return None
        (table,), (size, number) = struct.unpack_from("<Q", header, 32), struct.unpack_from("<HH", header, 54)
        elf.seek(table)
        entries = elf.read(size * number)
    for at in range(0, len(entries), size):
        kind, _, start, address, _, length = struct.unpack_from("<IIQQQQ", entries, at)
        if kind == _LOADED and start <= offset < start + length:
            return int(address + offset - start)
    return None


def source_lines(file: Path, addresses: Sequence[int]) -> list[str]:
    """Return for each address in a file the name and the number of the line, as 'naive.go:14'; empty if not known."""
    if not shutil.which("addr2line"):
        return [""] * len(addresses)
    command = ["addr2line", "-e", str(file), *map(hex, addresses)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    lines = [_short(line) for line in done.stdout.splitlines()]
    return lines if len(lines) == len(addresses) else [""] * len(addresses)


def _short(line: str) -> str:
    found = _KNOWN.match(line)
    return f"{Path(found[1]).name}:{found[2]}" if found and found[1] != "??" and found[2] != "0" else ""
