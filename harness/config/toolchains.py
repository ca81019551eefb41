"""Choose among the toolchains of a language, and apply a toolchain's keys to those of kernel.yaml."""

from __future__ import annotations

from collections.abc import Iterable

from harness.config.kernel_file import TOOLCHAIN_NAME, KernelFile, ToolKeys
from harness.model.errors import UsageError

ALL = "all"
"""What stands for all toolchains of a language; no toolchain may be named so."""

PACKAGES = ("apt", "backports", "dnf", "pacman", "apk", "pip", "image")
"""The keys of kernel.yaml of which a toolchain gives either none or all: packages of two toolchains do not mix."""


def toolchains_of(options: Iterable[str], place: str) -> dict[str, tuple[str, ...]]:
    """Return the toolchains that values such as c=gcc,clang name, by language.

    Raises UsageError, which begins with `place`, the option or key that has the values.
    """
    chosen: dict[str, list[str]] = {}
    for option in options:
        language, _, names = option.partition("=")
        listed = [name.strip() for name in names.split(",") if name.strip()]
        if not language.strip() or not listed:
            raise UsageError(f"{place}: expected LANGUAGE=NAME,NAME such as c=gcc,clang, found '{option}'")
        chosen.setdefault(language.strip(), []).extend(listed)
    return {language: tuple(dict.fromkeys(names)) for language, names in chosen.items()}


def chosen_of(language: str, file: KernelFile, wanted: tuple[str, ...], place: str) -> tuple[str, ...]:
    """Return the names of the toolchains to build a language with: those wanted, or else its first, the default.

    A language of one toolchain has one without a name. Raises UsageError for a name that it does not have; `place` is
    where the name was given.
    """
    there = tuple(file.toolchains)
    for name in wanted:
        if not there:
            raise UsageError(f"{place}: {language} has one toolchain only: its kernel.yaml names no others")
        if name not in (*there, ALL):
            raise UsageError(f"{place}: {language} has no toolchain '{name}'; there are {', '.join(there)}")
    if ALL in wanted:
        return there
    return wanted or there[:1] or ("",)


def refuse_unknown(wanted: Iterable[str], languages: Iterable[str], place: str) -> list[str]:
    """Return a mistake for each language of --toolchain that does not exist; `place` is where it was given."""
    there = list(languages)
    return [
        f"{place}: no language '{language}'; there are {', '.join(there)}"
        for language in wanted
        if language not in there
    ]


def with_toolchain(file: KernelFile, name: str) -> KernelFile:
    """Return a language's keys with those of a toolchain in their places; as they are for a toolchain without a name.

    A toolchain that names packages or an image has none of the language's own.
    """
    if not name:
        return file
    toolchain = file.toolchains[name]
    given = [key for key in ToolKeys.model_fields if key in toolchain.model_fields_set]
    own = PACKAGES if set(given) & set(PACKAGES) else ()
    return file.model_copy(update={key: getattr(toolchain, key) for key in (*own, *given)})


def rungs_of(file: KernelFile, name: str) -> tuple[str, ...]:
    """Return the rungs that a toolchain builds."""
    toolchain = file.toolchains.get(name)
    return tuple(toolchain.rungs if toolchain and toolchain.rungs else file.rungs)


def mistakes_of(file: KernelFile) -> list[str]:
    """Return the mistakes of a language's toolchains that the types of their keys do not show."""
    mistakes = []
    for name, toolchain in file.toolchains.items():
        if name == ALL or not TOOLCHAIN_NAME.fullmatch(name):
            mistakes.append(
                f"toolchains.{name}: a name has letters, digits, +, -, . and _, begins with a letter or a digit, and "
                f"is not '{ALL}'"
            )
        for rung in toolchain.rungs or ():
            if rung not in file.rungs:
                mistakes.append(f"toolchains.{name}.rungs: no rung '{rung}'; there are {', '.join(file.rungs)}")
    tools = [file.tool, *(toolchain.tool for toolchain in file.toolchains.values())]
    if "{tool}" in file.model_dump_json() and not any(tools):
        mistakes.append("tool: {tool} stands for the compiler or interpreter that this key names, such as gcc")
    return mistakes
