"""Make what a host needs: the wheel of this program, and the configuration and kernels that the user names."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from harness.model.errors import HarnessError, UsageError
from harness.util.command_line import PROGRAM
from harness.util.paths import INSTALLED, ROOT

LEFT_OUT = (".git", ".venv", "build", "reports", "dist", "__pycache__", "*.egg-info", ".*_cache")
"""What a checkout holds beside the sources of the wheel."""

OWN_OPTIONS = ("--config", "--kernels", "--out", "--resume", "--json")
"""Options of run-all that `hosts run` gives itself, or that it has as its own."""


@dataclass(frozen=True)
class Handover:
    """What every host gets: the wheel, an archive of the user's own files if there are any, and run-all's options.

    In an option, {project} stands for the folder in which a host unpacked that archive.
    """

    wheel: Path
    project: Path | None
    options: tuple[str, ...]

    @property
    def parts(self) -> dict[str, Path]:
        """The files by their SHA-256, the wheel first."""
        files = [self.wheel, *([self.project] if self.project else [])]
        return {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in files}


def options_of(words: Sequence[str], config_file: Path | None, kernels: Sequence[Path]) -> tuple[str, ...]:
    """Return the options of run-all on a host. Raises UsageError for one that a host cannot have."""
    for word in words:
        if word.split("=")[0] in OWN_OPTIONS:
            raise UsageError(f"{word.split('=')[0]}: expected before '--', as an option of hosts run, or not at all")
    escaped = [word.replace("{", "{{").replace("}", "}}") for word in words]
    config = ["--config", "{project}/config.yaml"] if config_file else []
    more = [word for i, _ in enumerate(kernels) for word in ("--kernels", f"{{project}}/more{i}")]
    return (*config, *more, *escaped)


def make_handover(
    folder: Path, options: tuple[str, ...], config_file: Path | None, kernels_dir: Path, kernels: Sequence[Path]
) -> Handover:
    """Write the wheel and the user's own files to a folder, unless they are there. Raises HarnessError, OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    wheels = sorted(folder.glob("*.whl"))
    wheel = wheels[0] if wheels else make_wheel(folder)
    project = folder / "project.tar" if config_file or kernels else None
    if project and not project.exists():
        project.write_bytes(_project(config_file, kernels_dir, kernels))
    return Handover(wheel, project, options)


def _project(config_file: Path | None, kernels_dir: Path, kernels: Sequence[Path]) -> bytes:
    """Return an archive of the configuration with its kernels, and of further folders of languages."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        if config_file:
            values = yaml.safe_load(config_file.read_text(encoding="utf-8"))
            values["paths"] = {"kernels": "kernels", "reports": "auto", "build": "auto"}
            data = yaml.safe_dump(values, sort_keys=False).encode()
            entry = tarfile.TarInfo("config.yaml")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
            archive.add(kernels_dir, "kernels", filter=_kept)
        for i, path in enumerate(kernels):
            archive.add(path, f"more{i}", filter=_kept)
    return buffer.getvalue()


def _kept(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Leave out caches, and who owns a file."""
    if "__pycache__" in entry.name:
        return None
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def make_wheel(folder: Path) -> Path:
    """Build the wheel of this checkout, or pack that of an installed program again. Raises HarnessError, OSError."""
    if INSTALLED:
        return _repacked(folder)
    with tempfile.TemporaryDirectory(prefix="60000x-wheel-") as work:
        source = Path(work) / "source"
        shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
        done = subprocess.run(
            [*command, "--wheel-dir", str(folder), str(source)], capture_output=True, text=True, check=False
        )
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise HarnessError(f"the wheel cannot be built: {last}; 'pip install setuptools' may be missing")
    return wheels[0]


def _repacked(folder: Path) -> Path:
    """Pack the files of the installed program as the wheel that they came from."""
    from importlib.metadata import distribution

    installed = distribution(PROGRAM)
    wheel = folder / f"{PROGRAM.replace('-', '_')}-{installed.version}-py3-none-any.whl"
    partial = wheel.with_suffix(f".{os.getpid()}")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in installed.files or ():
            if not file.parts[0].startswith("..") and file.suffix != ".pyc":
                archive.write(str(file.locate()), str(file))
    return partial.rename(wheel)
