"""Copy what lies at the top of a checkout into a wheel, as data of the package. setuptools calls this for a build.

A checkout and an editable installation have no copy: they use the folders themselves (harness/util/paths.py).
"""

from __future__ import annotations

import shutil
from fnmatch import fnmatchcase
from pathlib import Path

from setuptools.command.build_py import build_py

DATA = Path("harness", "data")
"""Folder of the copies in the wheel; harness/util/paths.py looks for it there."""

TOP = ("config.yaml", "Dockerfile", "docs", "kernels", "more", "serve")
"""What is copied. The messages of the program refer to pages of docs/."""

LEFT_OUT = ("__pycache__", "*.py[co]", "target", ".zig-cache", "*.o", "*.class", "*.png", "*.1", "example")
"""Names of files and folders that are not copied: what compilers leave when a kernel is built by hand in its folder,
and the pictures, the example and the manual of docs/."""


def data_files(root: Path = Path()) -> dict[Path, Path]:
    """Return the place of each copy in the wheel, and the file that it is made from, relative to the checkout."""
    paths = [path for name in TOP for path in ((root / name).rglob("*") if (root / name).is_dir() else [root / name])]
    sources = sorted(path.relative_to(root) for path in paths if path.is_file())
    return {DATA / source: source for source in sources if not _is_left_out(source)}


def _is_left_out(path: Path) -> bool:
    return any(fnmatchcase(part, pattern) for part in path.parts for pattern in LEFT_OUT)


class BuildWithData(build_py):
    """Build the package as setuptools does, and add the data. An editable installation gets none."""

    def run(self) -> None:
        """Copy the modules, and then the data in place of what an earlier build left."""
        super().run()
        if self.editable_mode:
            return
        shutil.rmtree(Path(self.build_lib, DATA), ignore_errors=True)
        for target, source in self._data().items():
            self.mkpath(str(target.parent))
            self.copy_file(str(source), str(target), preserve_times=False)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """Return the files that a build makes."""
        return [*super().get_outputs(include_bytecode), *map(str, self._data())]

    def get_output_mapping(self) -> dict[str, str]:
        """Return the file that each file of a build is made from."""
        return {**super().get_output_mapping(), **{str(target): str(source) for target, source in self._data().items()}}

    def get_source_files(self) -> list[str]:
        """Return the files that a build reads, which a source distribution must hold."""
        return [*super().get_source_files(), *map(str, data_files().values())]

    def _data(self) -> dict[Path, Path]:
        if self.editable_mode:
            return {}
        return {Path(self.build_lib) / target: source for target, source in data_files().items()}
