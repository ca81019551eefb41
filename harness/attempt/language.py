"""Find the language of a file by its suffix, and the rung whose build and driver it is to have."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath

from harness.config.kernels import load_kernels
from harness.config.load import added_folder
from harness.model.config import Config
from harness.model.errors import UsageError
from harness.model.kernel import FMA_RUNGS, REFERENCE, Kernel
from harness.util.paths import shown

DEFAULT_RUNG = "naive"
"""The rung whose build and driver a file has, unless --like names another: every language has it, and it needs no
library."""


def languages_for(config: Config) -> tuple[Kernel, ...]:
    """Return all kernels: those of the configuration's folders first, then those of more/. Raises UsageError."""
    own = load_kernels(config.kernels_dir, *config.more_kernels)
    names = {kernel.language for kernel in own}
    more = added_folder(Path("more"))
    if not more.is_dir() or more.resolve() in config.more_kernels:
        return own
    # the folder of a language of one's own may have the name of one of more/, which then is not there
    return (*own, *(kernel for kernel in load_kernels(more) if kernel.language not in names))


def rung_like(file: Path, like: str | None, kernels: Sequence[Kernel]) -> Kernel:
    """Return the kernel whose build and driver a file is to have. Raises UsageError.

    It is the one that `like` names, or else the rung naive of the first language whose own source has the file's
    suffix. A language without a source of its own, such as PyPy, has to be named.
    """
    if like is None:
        return _naive_of(file, kernels)
    kernel = _named(like, kernels)
    if (suffix := PurePath(kernel.source).suffix) != file.suffix:
        raise UsageError(f"--like: {like} is built from a file with the suffix {suffix}, which {shown(file)} has not")
    return kernel


def _named(name: str, kernels: Sequence[Kernel]) -> Kernel:
    kernel = next((kernel for kernel in kernels if kernel.id == name), None)
    if kernel is None:
        language = name.partition("/")[0]
        ids = [kernel.id for kernel in kernels if kernel.language == language]
        there = ", ".join(ids or dict.fromkeys(kernel.language for kernel in kernels))
        raise UsageError(f"--like: no kernel '{name}'; there are {there}")
    return kernel


def rungs_by_suffix(like: Sequence[str], kernels: Sequence[Kernel]) -> dict[str, Kernel]:
    """Return the kernel whose build and driver each file of many is to have, by its suffix. Raises UsageError.

    It is one that `like` names, or else the rung naive.
    """
    named: dict[str, Kernel] = {}
    for name in like:
        kernel = _named(name, kernels)
        suffix = PurePath(kernel.source).suffix
        if (other := named.setdefault(suffix, kernel)) != kernel:
            raise UsageError(f"--like: expected one kernel for each suffix, found {other.id} and {name} for {suffix}")
        if kernel.fetch:
            raise UsageError(f"--like: {name} fetches its dependencies from the network, which an entry has not")
    return _suffixes(kernels) | named


def _suffixes(kernels: Sequence[Kernel]) -> dict[str, Kernel]:
    suffixes: dict[str, Kernel] = {}
    for kernel in kernels:
        if kernel.variant == DEFAULT_RUNG and kernel.source_path.is_relative_to(kernel.folder):
            suffixes.setdefault(PurePath(kernel.source).suffix, kernel)
    return suffixes


def _naive_of(file: Path, kernels: Sequence[Kernel]) -> Kernel:
    suffixes = _suffixes(kernels)
    if file.suffix in suffixes:
        return suffixes[file.suffix]
    raise UsageError(
        f"{shown(file)}: no language has files with the suffix '{file.suffix}'; there are {', '.join(sorted(suffixes))}"
    )


def ladder_of(like: Kernel, kernels: Sequence[Kernel]) -> list[Kernel]:
    """Return the rungs that a file like this kernel is compared with: of its language, or of C if it has none.

    They are those that multiply and add doubles, without the variants of another kind of code.
    """
    suffix = like.variant.partition("-")[2]
    for language in (like.language, REFERENCE):
        rungs = [
            kernel
            for kernel in kernels
            if kernel.language == language
            and kernel.rung in FMA_RUNGS
            and kernel.variant.partition("-")[2] in ("", suffix)
        ]
        if rungs:
            return rungs
    return []


def libraries_of(language: str, kernels: Sequence[Kernel]) -> list[Kernel]:
    """Return the kernels of a language that call a library."""
    return [kernel for kernel in kernels if kernel.language == language and kernel.rung == "library"]
