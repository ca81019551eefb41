"""Say where the project's data is, and where builds and reports go: for a checkout, and for an installed package."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.model.errors import UsageError

PACKAGE = Path(__file__).resolve().parents[1]
"""Folder of this package."""

DATA = "data"
"""Folder in an installed package that holds what is at the top of a checkout (tools/wheel_data.py copies it)."""

INSTALLED = (PACKAGE / DATA).is_dir()
"""Whether this package was installed from a wheel; it belongs to a checkout otherwise."""

ROOT = PACKAGE / DATA if INSTALLED else PACKAGE.parent
"""Folder of the project's data: the top of the checkout, or its copy in the installed package."""

CACHE = "sixty-thousand"
"""Name of the folder in the user's cache folder."""


@dataclass(frozen=True)
class Places:
    """The folders of the project. `note` says why builds are in a temporary folder, and is empty if they are not.

    `data` holds config.yaml, Dockerfile, kernels/, more/, serve/ and docs/. It may be read-only.
    """

    installed: bool
    data: Path
    builds: Path
    reports: Path
    note: str = ""


def places(package: Path = PACKAGE, environ: Mapping[str, str] = os.environ) -> Places:
    """Return the folders of the project to which `package`, the folder of harness, belongs.

    A checkout keeps everything in itself. An installed package keeps its data beside the code, builds in the user's
    cache folder, and reports in the working folder. Raises UsageError and OSError.
    """
    if not (package / DATA).is_dir():
        root = package.parent
        return Places(False, root, root / "build", root / "reports")
    builds, note = _cache(environ)
    return Places(True, package / DATA, builds, Path.cwd() / "reports", note)


def _cache(environ: Mapping[str, str]) -> tuple[Path, str]:
    """Return the folder of this program's files in the user's cache folder, and a note if there is none to write to."""
    home = environ.get("HOME", "")
    for name in (environ.get("XDG_CACHE_HOME", ""), home and f"{home}/.cache"):
        # the XDG base directory specification: a relative path is to be ignored
        if name.startswith("/") and _can_be_made(Path(name)):
            return Path(name) / CACHE, ""
    folder = Path(tempfile.gettempdir()) / f"{CACHE}-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        # programs are built and started there
        raise UsageError(f"{folder}: belongs to another user; set XDG_CACHE_HOME to a folder of your own for builds")
    return folder, f"builds are kept in {folder}: neither XDG_CACHE_HOME nor HOME is a folder that can be written to"


def _can_be_made(folder: Path) -> bool:
    """Return whether a folder can be written to, or created."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return existing.is_dir() and os.access(existing, os.W_OK)


def page(name: str) -> str:
    """Return where a page of docs/ is, for a message: relative to a checkout, or in the installed package."""
    return str(ROOT / "docs" / name) if INSTALLED else f"docs/{name}"


def shown(path: Path) -> str:
    """Return a path for a message: relative to the working folder if it lies there, absolute otherwise."""
    absolute, folder = path.absolute(), Path.cwd()
    return str(absolute.relative_to(folder) if absolute.is_relative_to(folder) else absolute)
