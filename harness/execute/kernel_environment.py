"""Keep the virtual environment in which kernels run, and into which toolchains from PyPI are installed."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import sys
import venv
from pathlib import Path

from harness.util.files import locked
from harness.util.paths import places


def programs() -> Path:
    """Return the folder of the environment's programs. It is first on the path of every build and launch.

    In a checkout, this is the environment of this program. An installed program has a second one beside its builds,
    because its own may be shared, read-only or in uv's cache, and because the NumPy that it has loaded must not be
    replaced by the one that a kernel.yaml names. Raises OSError.
    """
    own = places()
    if not own.installed:
        return Path(sys.executable).parent
    base = hashlib.sha256(sys.base_prefix.encode()).hexdigest()[:8]
    home = own.builds / f"python{sys.version_info.major}.{sys.version_info.minor}-{base}"
    if not (home / "bin" / "python3").exists():  # also where it is a link to a Python that is gone
        with locked(own.builds / f".{home.name}.lock"):
            if not (home / "bin" / "python3").exists():
                venv.create(home, clear=True, symlinks=True)
    return home / "bin"


def may_install() -> bool:
    """Return whether packages may be installed: not into the system's Python, where a checkout has no environment."""
    return places().installed or sys.prefix != sys.base_prefix


def pip_install() -> list[str]:
    """Return the command that installs packages into the environment, by pip or, in an environment of uv's, by uv."""
    if not places().installed:
        return [sys.executable, "-m", "pip", "install"]
    python = str(programs() / "python3")
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv and not importlib.util.find_spec("pip"):
        return [uv, "pip", "install", "--python", python]
    return [sys.executable, "-m", "pip", "--python", python, "install"]
