"""Make a kernel of a user's file: copy it, as the source of a rung, into a copy of the language's folder."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from harness.attempt.source import (
    DRIVER,
    Form,
    RungSource,
    class_name,
    drivers_in,
    form_of,
    left_out,
    lines_of_driver,
    starts_multiply,
)
from harness.model.errors import UsageError
from harness.model.kernel import Kernel
from harness.util.paths import shown
from harness.util.source_text import without_comments

VARIANT = "try"
"""The variant of a tried file. No rung has this name, so that its artefact takes the place of no other."""

MAX_SOURCE_BYTES = 2**20
"""Largest file that is tried: a source of a megabyte is a mistake, such as a matrix."""


@dataclass(frozen=True)
class Attempt:
    """A user's file as a kernel, what the file is, and the rung whose build and driver it has."""

    file: Path
    kernel: Kernel
    form: Form
    like: Kernel

    def with_all_threads(self) -> Attempt:
        """Return the attempt with a kernel that has all threads of the configuration."""
        return replace(self, kernel=replace(self.kernel, threaded=True))

    def by_own_name(self, text: str) -> str:
        """Return a text of a compiler or a program with the user's file under its own name."""
        source = self.kernel.source_path
        text = text.replace(str(source), shown(self.file)).replace(f"/kernel/{source.name}", shown(self.file))
        # a function, because backslashes in the name of a file are no escapes of a pattern
        return re.sub(rf"(?<![\w./-]){re.escape(source.name)}\b", lambda _: shown(self.file), text)


def read_source(file: Path) -> str:
    """Return the text of a user's file. Raises UsageError if it is no text."""
    name = shown(file)
    try:
        if file.exists() and not file.is_file():
            raise UsageError(f"{name}: is no file; name the file of one program or function, such as my.c")
        with file.open("rb") as stream:
            data = stream.read(MAX_SOURCE_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror}") from None
    if len(data) > MAX_SOURCE_BYTES:
        raise UsageError(f"{name}: is larger than {MAX_SOURCE_BYTES} bytes; a source is smaller")
    if not data.strip():
        raise UsageError(f"{name}: is empty; write a program or the function multiply into it")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UsageError(f"{name}: is no text in UTF-8; name the source, not what is built from it")
    return text


def make_kernel(
    file: Path,
    text: str,
    like: Kernel,
    kernels: Sequence[Kernel],
    folder: Path,
    variant: str = VARIANT,
    helpers: Sequence[Path] = (),
) -> Attempt:
    """Return a user's file as a kernel that is built and run as `like` is; `folder` is new, and gets the copies.

    `helpers` are files that belong to it, such as headers: they are copied beside it, and replace no file of the
    language. Raises UsageError if the file is neither a program nor a function.
    """
    # a language without sources of its own, such as PyPy, has the folder that it uses copied
    home = like.uses if like.uses and "{uses}" in like.source else like.folder
    used = home is like.uses
    source = PurePath(like.source).name
    rung = _rung_source(like, kernels, home)
    code = without_comments(text, source)
    form = form_of(code, rung)
    if form == Form.NEITHER:
        raise UsageError(
            f"{shown(file)}: is neither a program, which reads its arguments A B C n rows threads reps, nor the "
            f"function multiply, as {shown(like.source_path)} has it"
        )
    before, after = ("", "") if form == Form.PROGRAM else lines_of_driver(code, rung)
    if form == Form.BARE_FUNCTION and not starts_multiply(after):
        raise UsageError(
            f"{shown(file)}: nothing in it starts its function multiply; add the lines that do so in "
            f"{shown(like.source_path)}"
        )
    copied = folder / home.name
    shutil.copytree(home, copied, ignore=shutil.ignore_patterns("__pycache__"))
    if "{stem}" in like.run and (name := class_name(code)):
        source = f"{name}{PurePath(source).suffix}"
    lines = [before, text.rstrip("\n"), after]
    (copied / source).unlink(missing_ok=True)  # an installed package's may be read-only
    (copied / source).write_text("\n\n".join(part for part in lines if part) + "\n", encoding="utf-8")
    for helper in helpers:
        if not (copied / helper.name).exists():
            shutil.copyfile(helper, copied / helper.name, follow_symlinks=False)
    kernel = replace(
        like,
        variant=variant,
        category=VARIANT,  # all tried kernels with as many threads are ranked together
        folder=like.folder if used else copied,
        uses=copied if used else like.uses,
        source=f"{{uses}}/{source}" if used else source,
        build=tuple(_without(command, left_out(code, form, rung.drivers)) for command in like.build),
        minimal=None,
    )
    return Attempt(file, kernel, form, like)


def _rung_source(like: Kernel, kernels: Sequence[Kernel], home: Path) -> RungSource:
    """Return the source of a rung, and its driver's files, which are in its folder or in the one that it uses."""
    rungs = {kernel.source_path for kernel in kernels}
    folders = [folder for folder in (home, like.uses) if folder]
    files = [path for folder in folders for path in folder.iterdir() if path.is_file() and path not in rungs]
    drivers = drivers_in({path.name: _code(path) for path in files if path.suffix not in (".yaml", ".sh")})
    words = [PurePath(word).stem.lower() for command in (*like.build, like.run) for word in shlex.split(command)]
    return RungSource(_code(like.source_path), drivers, DRIVER in words)


def _code(path: Path) -> str:
    return without_comments(path.read_text(encoding="utf-8", errors="replace"), path.name)


def _without(command: str, stems: frozenset[str]) -> str:
    return shlex.join(word for word in shlex.split(command) if PurePath(word).stem not in stems)
