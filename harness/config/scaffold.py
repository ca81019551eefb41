"""Create the folder of a new language from the naive rung of an existing one (`python -m harness new NAME`)."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import yaml

from harness.config.kernels import LANGUAGE_NAME
from harness.model.errors import UsageError
from harness.util.paths import page

KEYS = ("apt", "backports", "dnf", "pacman", "apk", "pip", "version", "fetch", "flags", "build", "run")
"""The keys of a language, in the order in which they are written to kernel.yaml."""


def scaffold(name: str, like: Path, into: Path) -> Path:
    """Create the folder `into/name` with the naive rung of the language in the folder `like`, and return it.

    Files that its commands or its source name, such as a driver or a header, are copied, too. Raises UsageError.
    """
    if not LANGUAGE_NAME.fullmatch(name):
        raise UsageError(
            f"new: {name}: a language's short name has lower-case letters, digits, +, - and _, and begins with a "
            "letter or a digit"
        )
    if not (like / "kernel.yaml").is_file():
        languages = ", ".join(sorted(path.parent.name for path in like.parent.glob("*/kernel.yaml")))
        raise UsageError(f"--like: no language '{like.name}'; there are {languages}")
    folder = into / name
    if folder.exists():
        raise UsageError(f"new: {folder}: already exists")
    file = yaml.safe_load((like / "kernel.yaml").read_text(encoding="utf-8"))
    rung = _naive(file, like)
    try:
        folder.mkdir(parents=True)
        for path in _needed(like, rung["source"], file | rung):
            shutil.copyfile(path, folder / path.name)
        (folder / "kernel.yaml").write_text(_kernel_yaml(name, file, rung), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{error.filename or folder}: cannot be written: {error.strerror}") from None
    return folder


def _naive(file: dict[str, Any], like: Path) -> dict[str, Any]:
    if "naive" not in file["rungs"]:
        raise UsageError(f"--like: {like.name} has no rung naive to copy")
    naive: dict[str, Any] = file["rungs"]["naive"]
    return naive


def _needed(like: Path, source: str, file: dict[str, Any]) -> list[Path]:
    """Return the source, and the files in its folder that it, its commands or one of these files names."""
    files = [path for path in sorted(like.iterdir()) if path.is_file() and path.name != "kernel.yaml"]
    needed = [like / source]
    texts = [(like / source).read_text(encoding="utf-8", errors="replace"), *(str(file.get(key, "")) for key in KEYS)]
    while texts:
        text = texts.pop()
        for path in files:
            if path not in needed and _names(text, path):
                needed.append(path)
                texts.append(path.read_text(encoding="utf-8", errors="replace"))
    return needed


def _names(text: str, path: Path) -> bool:
    """Return whether a text names a file. A driver may be named without its suffix, as modules are."""
    names = [path.name, path.stem] if path.stem.lower() == "driver" else [path.name]
    return any(re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text) for name in names)


def _kernel_yaml(name: str, file: dict[str, Any], rung: dict[str, Any]) -> str:
    """Return the text of kernel.yaml: the language's keys and its rung."""
    # a new language has one toolchain, and its commands name it
    values = {key: _with_tool(rung.get(key, file.get(key)), file.get("tool", "")) for key in KEYS}
    lines = [
        f"# What each key means: {page('adding-a-language.md')}. What a rung may do: {page('rules.md')}.",
        f"name: {_scalar(name)}",
        *(f"{key}: {_scalar(value)}" for key, value in values.items() if value),
        "rungs:",
        f"  naive: {{source: {_scalar(rung['source'])}}}",
    ]
    return "\n".join(lines) + "\n"


def _with_tool(value: Any, tool: str) -> Any:
    if isinstance(value, list):
        return [_with_tool(each, tool) for each in value]
    return value.replace("{tool}", tool).strip() if isinstance(value, str) else value


def _scalar(value: Any) -> str:
    return yaml.safe_dump(value, default_flow_style=True, width=10_000).removesuffix("...\n").strip()
