"""Read the kernels of all languages from their kernel.yaml files."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType

from harness.config import toolchains
from harness.config.kernel_file import Command, KernelFile, LanguageKeys, RungKeys, VariantKeys
from harness.config.yamlfile import load
from harness.model.config import Config
from harness.model.errors import UsageError
from harness.model.kernel import RUNGS, SERIAL_RUNGS, Kernel, Minimal, PeakProgram, Toolchain, place_of

LANGUAGE_NAME = re.compile(r"[a-z0-9][a-z0-9_+-]*")

_VARIANT_NAME = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9_.+-]+)?")


def load_kernels(
    *folders: Path, chosen: Mapping[str, tuple[str, ...]] = MappingProxyType({}), place: str = "--toolchain"
) -> tuple[Kernel, ...]:
    """Return all kernels of all languages in the folders: languages by name, rungs in the order of the ladder.

    `chosen` has the toolchains of languages that are not built with their default alone, as the option or key `place`
    gives them. Raises UsageError with every mistake of every kernel.yaml, or with the names in `chosen` that do not
    exist.
    """
    kernels: list[Kernel] = []
    mistakes: list[str] = []
    names: dict[str, Path] = {}
    homes: dict[str, Path] = {}
    for path in (path for folder in folders for path in sorted(folder.glob("*/kernel.yaml"))):
        home = path.parent.resolve()
        if homes.setdefault(home.name, home) != home:
            mistakes.append(f"{path}: the folder's name, {home.name}, is already that of {homes[home.name]}")
            continue
        try:
            language = _language(path, chosen.get(home.name, ()), place)
        except UsageError as error:
            mistakes.append(str(error))
            continue
        name = language[0].language_name
        if name in names:
            mistakes.append(f"{path}: name: '{name}' is already the name in {names[name]}")
        names[name] = path
        kernels += language
    if not kernels and not mistakes:
        mistakes.append(f"{', '.join(map(str, folders))}: no language here; a language is a folder with a kernel.yaml")
    mistakes += toolchains.refuse_unknown(chosen, homes, place)
    if mistakes:
        raise UsageError("\n".join(mistakes))
    return tuple(kernels)


def kernels_of(config: Config) -> tuple[Kernel, ...]:
    """Return the kernels that a configuration selects, from its own folder and the added ones. Raises UsageError."""
    folders = (config.kernels_dir, *config.more_kernels)
    return select(load_kernels(*folders, chosen=config.toolchains, place=config.toolchains_from), config.only)


def select(kernels: tuple[Kernel, ...], globs: tuple[str, ...]) -> tuple[Kernel, ...]:
    """Return the kernels that match any of `globs`, or all kernels if there are no globs.

    A glob without a toolchain, such as c/packed, matches that rung by every toolchain. Raises UsageError for a glob
    that matches no kernel.
    """

    def matches(kernel: Kernel, glob: str) -> bool:
        return fnmatchcase(kernel.id, glob) or fnmatchcase(kernel.default_id, glob)

    for glob in globs:
        if not any(matches(kernel, glob) for kernel in kernels):
            ids = ", ".join(kernel.id for kernel in kernels)
            raise UsageError(f"--only: no kernel matches '{glob}'; there are {ids}")
    return tuple(kernel for kernel in kernels if not globs or any(matches(kernel, glob) for glob in globs))


def _language(path: Path, wanted: tuple[str, ...], place: str) -> list[Kernel]:
    """Return the kernels of one kernel.yaml, by the toolchains that `place` wants of it.

    Raises UsageError with all of its mistakes.
    """
    file = load(path, KernelFile)
    folder = path.parent.resolve()
    uses = (folder / file.uses).resolve() if file.uses else None
    mistakes = toolchains.mistakes_of(file)
    if uses and not uses.is_dir():
        mistakes.append(f"uses: no such folder: {file.uses}")
    if not uses and "{uses}" in file.model_dump_json():
        mistakes.append("uses: {uses} stands for the folder that this key names, such as ../../kernels/python")
    suffixes = {_suffix(variant) for variant in file.rungs}
    for suffix in file.variants:
        if suffix not in suffixes or not suffix:
            mistakes.append(f"variants.{suffix}: no rung has this suffix, as naive-{suffix} would")
    if not LANGUAGE_NAME.fullmatch(folder.name):
        mistakes.append(
            "the folder's name is the language's short name: use lower-case letters, digits, +, - and _, and begin "
            "with a letter or a digit"
        )
    for variant, rung in file.rungs.items():
        mistakes += _rung_mistakes(folder, uses, variant, rung)
    if mistakes:
        raise UsageError("\n".join(f"{path}: {mistake}" for mistake in mistakes))
    kernels = [
        _kernel(folder, uses, file, variant, name)
        for name in toolchains.chosen_of(folder.name, file, wanted, place)
        for variant in toolchains.rungs_of(file, name)
    ]
    return sorted(kernels, key=lambda kernel: (RUNGS.index(kernel.rung), kernel.variant))


def _rung_mistakes(folder: Path, uses: Path | None, variant: str, rung: RungKeys) -> list[str]:
    """Return the mistakes of a rung that the types of its keys do not show."""
    mistakes = []
    if _base(variant) not in RUNGS or not _VARIANT_NAME.fullmatch(variant):
        mistakes.append(
            f"rungs.{variant}: expected one of {', '.join(RUNGS)}, or one of them with a suffix such as naive-paper"
        )
    if (_base(variant) == "engine") != bool(rung.products):
        # the rate of an engine without the number would be compared with the peak of the vector units
        mistakes.append(
            f"rungs.{variant}.products: the rung engine says how many products of bytes it computes for one product "
            "of doubles, such as 15; no other rung has this key"
        )
    # a source that is not there, or is a link to elsewhere, is no mistake of this file: that kernel alone fails
    source = Path(os.path.normpath(place_of(rung.source, folder, uses)))
    home = uses if uses and "{uses}" in rung.source else folder
    if not source.is_relative_to(home):
        mistakes.append(f"rungs.{variant}.source: must lie in {home.name}/, found {rung.source}")
    return mistakes


def _base(variant: str) -> str:
    """Return the rung of a variant: 'naive' for naive-paper."""
    return variant.partition("-")[0]


def _suffix(variant: str) -> str:
    """Return the suffix of a variant: 'paper' for naive-paper, empty for the rung itself."""
    return variant.partition("-")[2]


def _merged(file: KernelFile, variant: str, rung: RungKeys) -> RungKeys:
    """Return the rung with those keys of its suffix in `variants` that it does not give itself."""
    shared = file.variants.get(_suffix(variant), VariantKeys())
    missing = {key: getattr(shared, key) for key in shared.model_fields_set - rung.model_fields_set}
    return rung.model_copy(update=missing)


def _kernel(folder: Path, uses: Path | None, file: KernelFile, variant: str, name: str) -> Kernel:
    """Return a kernel, with the words of its toolchain's tool in its commands."""
    default = name in ("", *list(file.toolchains)[:1])
    file = toolchains.with_toolchain(file, name)
    rung = _merged(file, variant, file.rungs[variant])
    fetch = rung.fetch if "fetch" in rung.model_fields_set else file.fetch
    build = rung.build if "build" in rung.model_fields_set else file.build
    serial = rung.threads == "one" if rung.threads else _base(variant) in SERIAL_RUNGS
    smallest = file.minimal if variant == "naive" and default else None
    toolchain = _toolchain(folder.name, file, rung, name)
    peak = file.peak if toolchain.device else None
    return Kernel(
        language=folder.name,
        language_name=file.name if default else f"{file.name} {name}",
        variant=variant,
        folder=folder,
        source=rung.source,
        fetch=_commands(fetch, file.tool),
        build=_commands(build, file.tool),
        run=_command(rung.run or file.run, file.tool),
        flags=rung.flags if "flags" in rung.model_fields_set else file.flags,
        toolchain=toolchain,
        threaded=not serial,
        requires=_union(file.requires, rung.requires),
        category=rung.category or _base(variant),
        int8_products=rung.products or 0,
        uses=uses,
        optional=rung.optional or file.optional,
        jit=rung.jit if "jit" in rung.model_fields_set else file.jit,
        minimal=Minimal(_commands(smallest.build, file.tool), _command(smallest.run, file.tool)) if smallest else None,
        alternative="" if default else name,
        peak=PeakProgram(_commands(peak.build, file.tool), _command(peak.run, file.tool)) if peak else None,
    )


def _toolchain(language: str, file: KernelFile, rung: RungKeys, name: str) -> Toolchain:
    return Toolchain(
        language=language,
        apt=_union(file.apt, rung.apt),
        backports=_union(file.backports, rung.backports),
        pip=_union(file.pip, rung.pip),
        version_command=_command(rung.version or file.version, file.tool),
        dnf=_elsewhere("dnf", file, rung),
        pacman=_elsewhere("pacman", file, rung),
        apk=_elsewhere("apk", file, rung),
        name=name,
        image=file.image,
        device=rung.device or file.device or "",
    )


def _commands(commands: Command, tool: str) -> tuple[str, ...]:
    return tuple(_command(each, tool) for each in ([commands] if isinstance(commands, str) else commands))


def _command(command: str, tool: str) -> str:
    return command.replace("{tool}", tool).strip()


def _elsewhere(key: str, file: KernelFile, rung: RungKeys) -> tuple[str, ...]:
    """Return the packages of another system than Debian; none unless they are known for all of Debian's."""
    levels: tuple[LanguageKeys, LanguageKeys] = (file, rung)
    if any((level.apt or level.backports) and not getattr(level, key) for level in levels):
        return ()
    return _union(getattr(file, key), getattr(rung, key))


def _union(first: list[str], second: list[str]) -> tuple[str, ...]:
    """Return both lists without duplicates, in order."""
    return tuple(dict.fromkeys([*first, *second]))
