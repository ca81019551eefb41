"""Split a command of kernel.yaml into words, and replace its placeholders."""

from __future__ import annotations

import re
import shlex
from pathlib import Path


def words(
    template: str, *, artefact: Path, folder: Path, source: str, flags: str, uses: Path | None = None
) -> tuple[str, ...]:
    """Split a command of kernel.yaml into an argument vector and replace its placeholders.

    No shell sees the command, so no file name can become syntax. `artefact`, `folder` and `uses` are the artefact's
    folder, the language's and the one that it shares, by the names under which the command sees them.
    """
    values = {
        "out": str(artefact / "out"),
        "deps": str(artefact / "deps"),
        "source": source,
        "stem": Path(source).stem,
        "folder": str(folder),
        "uses": str(uses),
        "flags": flags,
    }
    argv: list[str] = []
    for word in shlex.split(template):
        if word == "{flags}":
            argv += shlex.split(flags)
        else:
            argv.append(re.sub(r"\{(\w+)\}", lambda match: values[match[1]], word))
    return tuple(argv)
