"""What Numba compiled is kept: compiling is building, as it is for C, and not part of every start.

Started as numba_cached.py FOLDER SOURCE it compiles a rung, by a product of two numbers, and its code goes to FOLDER.
Imported by a rung, before Numba, it lets that rung find the code in the folder that NUMBA_BUILT names. A copy of it:
Numba wants to write where it reads, and what was built is not to be written to when it is timed.
"""

import os
import runpy
import shutil
import struct
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

if "NUMBA_BUILT" in os.environ:
    _copy = TemporaryDirectory()  # removed at the end of the program
    os.environ["NUMBA_CACHE_DIR"] = shutil.copytree(os.environ["NUMBA_BUILT"], _copy.name, dirs_exist_ok=True)


def build(folder, source):
    """Run `source` as a kernel, on 1 x 1 matrices: even what is compiled at its first use is then compiled."""
    os.environ["NUMBA_CACHE_DIR"] = folder
    with TemporaryDirectory() as scratch:
        paths = [Path(scratch, name) for name in "abc"]
        for path in paths[:2]:
            path.write_bytes(struct.pack("<d", 1.0))
        sys.argv = [source, *map(str, paths), "1", "1", "1", "1"]
        runpy.run_path(source, run_name="__main__")


if __name__ == "__main__":
    build(*sys.argv[1:])
