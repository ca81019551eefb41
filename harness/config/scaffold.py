"""`python -m harness new NAME`: a folder that works, made from the naive rung of a language that is there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import yaml

from harness.config.kernels import LANGUAGE_NAME
from harness.model.errors import UsageError

KEYS = ("apt", "backports", "pip", "version", "fetch", "flags", "build", "run")
"""Of a language, in the order in which they are written."""


def scaffold(name: str, like: Path, into: Path) -> Path:
    """Make the folder `into/name` with the naive rung of the language in the folder `like`, and return it.

    What its commands and its source name is copied too: a driver, a header. Raises UsageError.
    """
    if not LANGUAGE_NAME.fullmatch(name):
        raise UsageError(
            f"new: {name}: a language's short name has lower-case letters, digits, +, - and _, and begins with one "
            "of the first two"
        )
    if not (like / "kernel.yaml").is_file():
        known = ", ".join(sorted(path.parent.name for path in like.parent.glob("*/kernel.yaml")))
        raise UsageError(f"--like: no language '{like.name}'; there are {known}")
    folder = into / name
    if folder.exists():
        raise UsageError(f"new: {folder}: is already there")
    file = yaml.safe_load((like / "kernel.yaml").read_text())
    rung = _naive(file, like)
    try:
        folder.mkdir(parents=True)
        for path in _needed(like, rung["source"], file | rung):
            shutil.copyfile(path, folder / path.name)
        (folder / "kernel.yaml").write_text(_kernel_yaml(name, file, rung))
    except OSError as error:
        raise UsageError(f"{error.filename or folder}: cannot be written: {error.strerror}") from None
    return folder


def _naive(file: dict[str, Any], like: Path) -> dict[str, Any]:
    if "naive" not in file["rungs"]:
        raise UsageError(f"--like: {like.name} has no rung naive to start from")
    naive: dict[str, Any] = file["rungs"]["naive"]
    return naive


def _needed(like: Path, source: str, file: dict[str, Any]) -> list[Path]:
    """The source, and every file beside it that it or its commands name, or that such a file names."""
    files = [path for path in sorted(like.iterdir()) if path.is_file() and path.name != "kernel.yaml"]
    found = [like / source]
    texts = [(like / source).read_text(errors="replace"), *(str(file.get(key, "")) for key in KEYS)]
    while texts:
        text = texts.pop()
        for path in files:
            if path not in found and _names(text, path):
                found.append(path)
                texts.append(path.read_text(errors="replace"))
    return found


def _names(text: str, path: Path) -> bool:
    """Whether a text names a file; a driver is also named without its suffix, as modules are."""
    names = [path.name, path.stem] if path.stem.lower() == "driver" else [path.name]
    return any(re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text) for name in names)


def _kernel_yaml(name: str, file: dict[str, Any], rung: dict[str, Any]) -> str:
    """The language's keys and its one rung, with a line on what each is for."""
    values = {key: rung.get(key, file.get(key)) for key in KEYS}
    lines = [
        "# What each key means: docs/adding-a-language.md. What a rung may do: docs/rules.md.",
        f"name: {_scalar(name)}",
        *(f"{key}: {_scalar(value)}" for key, value in values.items() if value),
        "rungs:",
        f"  naive: {{source: {_scalar(rung['source'])}}}",
    ]
    return "\n".join(lines) + "\n"


def _scalar(value: Any) -> str:
    return yaml.safe_dump(value, default_flow_style=True, width=10_000).removesuffix("...\n").strip()
