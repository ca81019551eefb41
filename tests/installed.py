"""Build the wheel from the files of the repository, install it into a fresh environment, and run its program."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from harness.util.paths import ROOT


@dataclass(frozen=True)
class Installed:
    """An environment with the installed program, and a home folder for it."""

    folder: Path

    @property
    def programs(self) -> Path:
        """The folder of the environment's programs."""
        return self.folder / "environment" / "bin"

    @property
    def data(self) -> Path:
        """The folder of the package's data."""
        [data] = self.folder.glob("environment/lib/python*/site-packages/harness/data")
        return data

    @property
    def builds(self) -> Path:
        """The folder in which the program keeps its builds."""
        return self.folder / "home" / ".cache" / "sixty-thousand"

    @property
    def environ(self) -> dict[str, str]:
        """The environment of a user who has the program on the path, and no settings for it."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "COV_", "PYTHON"))}
        path = os.pathsep.join([str(self.programs), kept.get("PATH", os.defpath)])
        return {**kept, "HOME": str(self.folder / "home"), "PATH": path}

    def run(self, *words: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the program in a folder, with these environment variables."""
        environ = {**self.environ, **variables}
        return subprocess.run(
            ["sixty-thousand", *words], cwd=cwd, env=environ, capture_output=True, text=True, check=False
        )


def install(folder: Path) -> None:
    """Fill the folder of an Installed: build a source distribution, a wheel from that, and install the wheel."""
    source, wheels = folder / "source", folder / "dist"
    source.mkdir()
    (folder / "home").mkdir()
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    tree = subprocess.run(["tar", "-c", "--null", "-T", "-"], cwd=ROOT, input=files, capture_output=True, check=True)
    subprocess.run(["tar", "-x"], cwd=source, input=tree.stdout, check=True)
    _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(wheels), str(source))
    [wheel] = wheels.glob("*.whl")
    _run(sys.executable, "-m", "venv", str(folder / "environment"))
    _run(str(folder / "environment" / "bin" / "python"), "-m", "pip", "install", "--no-compile", str(wheel))


def _run(*command: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout
