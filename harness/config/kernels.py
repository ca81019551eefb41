"""kernels/*/kernel.yaml -> the kernels there are: the only place that knows that file's keys."""

from __future__ import annotations

import re
import shlex
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from harness.config.yamlfile import Strict, load
from harness.model.config import Config
from harness.model.errors import UsageError
from harness.model.kernel import RUNGS, SERIAL_RUNGS, Kernel, Minimal, Toolchain

PLACEHOLDERS = ("out", "deps", "source", "stem", "folder", "flags")

NAME = re.compile(r"[a-z0-9][a-z0-9_+-]*")

_VARIANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")

Command = str | list[str]

# a name that began with '-' would reach apt or pip as one of their options
Package = Annotated[str, Field(pattern=r"^[A-Za-z0-9][^\s;&`$]*( \| [A-Za-z0-9][^\s;&`$]*)*$")]


def _known_commands(value: Command) -> Command:
    """The commands, each of which can be split into words, and with no placeholder that is none."""
    for command in [value] if isinstance(value, str) else value:
        try:
            words = shlex.split(command)
        except ValueError as error:
            raise ValueError(f"not a command: {str(error).lower()}") from None
        for name in re.findall(r"\{(\w*)\}", " ".join(words)):
            if name not in PLACEHOLDERS:
                known = ", ".join(f"{{{p}}}" for p in PLACEHOLDERS)
                raise ValueError(f"unknown placeholder {{{name}}}; there are {known}")
    return value


class _Part(Strict):
    """The keys that a language gives and a rung may override."""

    apt: list[Package] = []
    backports: list[Package] = []
    pip: list[Package] = []
    version: str = ""
    fetch: Command = []
    build: Command = []
    run: str = ""
    flags: str = ""

    _commands = field_validator("version", "run", "flags", "fetch", "build")(_known_commands)


class _Variant(_Part):
    """What all rungs with one suffix share; a rung's own keys override it."""

    threads: Literal["one", "all"] | None = None
    requires: list[str] = []
    category: Annotated[str | None, Field(alias="class", min_length=1)] = None


class _Rung(_Variant):
    """What a rung gives besides what its language and its variant give."""

    source: Annotated[str, Field(min_length=1)]
    products: Annotated[int, Field(ge=1)] | None = None


class _Minimal(Strict):
    """How everything that the rung naive needs becomes the root of an image, and what starts it there."""

    build: Annotated[Command, Field(min_length=1)]
    run: Annotated[str, Field(min_length=1)]

    _commands = field_validator("build", "run")(_known_commands)


class _File(_Part):
    minimal: _Minimal | None = None
    name: Annotated[str, Field(min_length=1)]
    version: Annotated[str, Field(min_length=1)]
    run: Annotated[str, Field(min_length=1)]
    variants: dict[str, _Variant] = {}
    rungs: Annotated[dict[str, _Rung], Field(min_length=1)]


def load_kernels(*folders: Path) -> tuple[Kernel, ...]:
    """All kernels of all languages in the folders, languages by name, rungs in the ladder's order.

    Raises UsageError with every mistake of every kernel.yaml.
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
            found = _language(path)
        except UsageError as error:
            mistakes.append(str(error))
            continue
        name = found[0].language_name
        if name in names:
            mistakes.append(f"{path}: name: '{name}' is already the name in {names[name]}")
        names[name] = path
        kernels += found
    if not kernels and not mistakes:
        mistakes.append(f"{', '.join(map(str, folders))}: no language here; one is a folder with a kernel.yaml")
    if mistakes:
        raise UsageError("\n".join(mistakes))
    return tuple(kernels)


def kernels_of(config: Config) -> tuple[Kernel, ...]:
    """The kernels that a config is about: of its own folder and of those that were added. Raises UsageError."""
    return select(load_kernels(config.kernels_dir, *config.more_kernels), config.only)


def schema() -> dict[str, Any]:
    """The JSON schema of kernel.yaml, for editors."""
    made = _File.model_json_schema(by_alias=True)
    made["$defs"]["_Rung"]["title"] = "a rung"
    made["$defs"]["_Variant"]["title"] = "a variant"
    names = "|".join(RUNGS)
    made["properties"]["variants"]["propertyNames"] = {"pattern": "^[A-Za-z0-9_.+-]+$"}
    made["properties"]["rungs"]["propertyNames"] = {"pattern": f"^({names})(-[A-Za-z0-9_.+-]+)?$"}
    return made | {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "kernel.yaml"}


def select(kernels: tuple[Kernel, ...], globs: tuple[str, ...]) -> tuple[Kernel, ...]:
    """The kernels that match any of `globs`; all if there are none. Raises UsageError for a glob that matches none."""
    for glob in globs:
        if not any(fnmatchcase(kernel.id, glob) for kernel in kernels):
            known = ", ".join(kernel.id for kernel in kernels)
            raise UsageError(f"--only: no kernel matches '{glob}'; there are {known}")
    return tuple(k for k in kernels if not globs or any(fnmatchcase(k.id, glob) for glob in globs))


def words(template: str, *, artefact: Path, folder: Path, source: str, flags: str) -> tuple[str, ...]:
    """A command of kernel.yaml as an argument vector; no shell sees it, so no name can become syntax.

    `artefact` and `folder` are where the command sees the artefact's folder and the language's.
    """
    values = {
        "out": str(artefact / "out"),
        "deps": str(artefact / "deps"),
        "source": source,
        "stem": Path(source).stem,
        "folder": str(folder),
        "flags": flags,
    }
    argv: list[str] = []
    for word in shlex.split(template):
        if word == "{flags}":
            argv += shlex.split(flags)
        else:
            argv.append(re.sub(r"\{(\w+)\}", lambda match: values[match[1]], word))
    return tuple(argv)


def _language(path: Path) -> list[Kernel]:
    file = load(path, _File)
    folder = path.parent.resolve()
    mistakes = []
    suffixes = {_suffix(variant) for variant in file.rungs}
    for suffix in file.variants:
        if suffix not in suffixes or not suffix:
            mistakes.append(f"{path}: variants.{suffix}: no rung has this suffix, as naive-{suffix} would")
    if not NAME.fullmatch(folder.name):
        mistakes.append(
            f"{path}: the folder's name is the language's short name: use lower-case letters, digits, +, - and _"
        )
    for variant, rung in file.rungs.items():
        if variant.split("-", 1)[0] not in RUNGS or not _VARIANT.fullmatch(variant):
            mistakes.append(
                f"{path}: rungs.{variant}: expected one of {', '.join(RUNGS)}, or one with a suffix such as naive-O0"
            )
        if (variant.split("-", 1)[0] == "engine") != bool(rung.products):
            # without the number, an engine's rate would be held against the peak of other units
            mistakes.append(
                f"{path}: rungs.{variant}.products: the rung engine says how many products of bytes it makes of one of "
                "doubles, such as 15, and no other rung does"
            )
        source = (folder / rung.source).resolve()
        if not source.is_relative_to(folder):
            mistakes.append(f"{path}: rungs.{variant}.source: must lie in {folder.name}/, found {rung.source}")
        elif not source.is_file():
            mistakes.append(f"{path}: rungs.{variant}.source: no such file: {rung.source}")
    if mistakes:
        raise UsageError("\n".join(mistakes))
    kernels = [_kernel(folder, file, variant, _whole(file, variant, rung)) for variant, rung in file.rungs.items()]
    return sorted(kernels, key=lambda kernel: (RUNGS.index(kernel.rung), kernel.variant))


def _suffix(variant: str) -> str:
    """What tells a variant from its rung, as 'O0' in naive-O0; empty for the rung itself."""
    return variant.partition("-")[2]


def _whole(file: _File, variant: str, rung: _Rung) -> _Rung:
    """The rung with the keys that its variant gives and it does not give itself."""
    shared = file.variants.get(_suffix(variant), _Variant())
    missing = {key: getattr(shared, key) for key in shared.model_fields_set - rung.model_fields_set}
    return rung.model_copy(update=missing)


def _kernel(folder: Path, file: _File, variant: str, rung: _Rung) -> Kernel:
    base = variant.split("-", 1)[0]
    fetch = rung.fetch if "fetch" in rung.model_fields_set else file.fetch
    build = rung.build if "build" in rung.model_fields_set else file.build
    serial = rung.threads == "one" if rung.threads else base in SERIAL_RUNGS
    return Kernel(
        language=folder.name,
        language_name=file.name,
        variant=variant,
        folder=folder,
        source=rung.source,
        fetch=_list(fetch),
        build=_list(build),
        run=rung.run or file.run,
        flags=rung.flags if "flags" in rung.model_fields_set else file.flags,
        toolchain=Toolchain(
            language=folder.name,
            apt=_added(file.apt, rung.apt),
            backports=_added(file.backports, rung.backports),
            pip=_added(file.pip, rung.pip),
            version_command=rung.version or file.version,
        ),
        threaded=not serial,
        requires=tuple(rung.requires),
        category=rung.category or base,
        int8_products=rung.products or 0,
        minimal=Minimal(_list(file.minimal.build), file.minimal.run) if file.minimal and variant == "naive" else None,
    )


def _list(command: Command) -> tuple[str, ...]:
    return tuple([command] if isinstance(command, str) else command)


def _added(base: list[str], more: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*base, *more]))
