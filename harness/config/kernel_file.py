"""Define the keys of kernel.yaml. No other module of the harness knows how they are written."""

from __future__ import annotations

import re
import shlex
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from harness.config.yamlfile import Strict
from harness.model.kernel import RUNGS
from harness.util.json_documents import json_schema

PLACEHOLDERS = ("out", "deps", "source", "stem", "folder", "uses", "flags", "tool")

TOOLCHAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")

Command = str | list[str]
"""One command or several, each to be split into words as a shell would."""

Package = Annotated[str, Field(pattern=r"^[A-Za-z0-9][^\s;&`$]*( \| [A-Za-z0-9][^\s;&`$]*)*$")]
"""A package name, or alternatives as `a | b`. A name that began with '-' would reach apt or pip as an option."""

Feature = Annotated[str, Field(min_length=1)]
"""A feature of the CPU by Linux's name, or alternatives as `avx2 | asimd`, of which the CPU must have one."""


def _valid_commands(value: Command) -> Command:
    """Return the commands. Raises ValueError if one cannot be split into words, or has an unknown placeholder."""
    for command in [value] if isinstance(value, str) else value:
        try:
            words = shlex.split(command)
        except ValueError as error:
            raise ValueError(f"not a command: {str(error).lower()}") from None
        for name in re.findall(r"\{(\w*)\}", " ".join(words)):
            if name not in PLACEHOLDERS:
                valid = ", ".join(f"{{{placeholder}}}" for placeholder in PLACEHOLDERS)
                raise ValueError(f"unknown placeholder {{{name}}}; there are {valid}")
    return value


def _valid_tool(value: str) -> str:
    """Return the words of a tool. Raises ValueError for what is no command, or has a placeholder."""
    if re.search(r"\{\w*\}", value):
        raise ValueError("a tool has no placeholders: its words stand for {tool} in the commands")
    _valid_commands(value)
    return value


class LanguageKeys(Strict):
    """The keys that a language gives, and that a variant or a rung may override."""

    apt: list[Package] = []
    backports: list[Package] = []
    dnf: list[Package] = []
    pacman: list[Package] = []
    apk: list[Package] = []
    pip: list[Package] = []
    version: str = ""
    fetch: Command = []
    build: Command = []
    run: str = ""
    flags: str = ""
    requires: list[Feature] = []
    device: Literal["nvidia", "gpu"] | None = None
    optional: str = ""
    jit: bool = False

    _commands = field_validator("version", "run", "flags", "fetch", "build")(_valid_commands)


class ToolKeys(LanguageKeys):
    """The keys that a language gives, and that one of its toolchains may override, but no rung."""

    tool: str = ""
    image: Annotated[str, Field(pattern=r"^([A-Za-z0-9][^\s]*)?$")] = ""

    _tool = field_validator("tool")(_valid_tool)


class ToolchainKeys(ToolKeys):
    """The keys of a toolchain, each in place of the language's, and the rungs that it builds; without it, all."""

    rungs: Annotated[list[str] | None, Field(min_length=1)] = None


class VariantKeys(LanguageKeys):
    """The keys that all rungs with the same suffix share, and that a rung may override."""

    threads: Literal["one", "all"] | None = None
    category: Annotated[str | None, Field(alias="class", min_length=1)] = None


class RungKeys(VariantKeys):
    """The keys of a rung."""

    source: Annotated[str, Field(min_length=1)]
    products: Annotated[int, Field(ge=1)] | None = None


class ProgramKeys(Strict):
    """The commands that build a program, and start it."""

    build: Annotated[Command, Field(min_length=1)]
    run: Annotated[str, Field(min_length=1)]

    _commands = field_validator("build", "run")(_valid_commands)


class MinimalKeys(ProgramKeys):
    """The commands that build the language's smallest image, with the rung naive, and start the kernel in it."""


class PeakKeys(ProgramKeys):
    """The commands that build the program that measures the peak of the language's device, and start it."""


class KernelFile(ToolKeys):
    """A whole kernel.yaml."""

    format: Literal[1] = 1
    minimal: MinimalKeys | None = None
    peak: PeakKeys | None = None
    uses: str = ""
    name: Annotated[str, Field(min_length=1)]
    version: Annotated[str, Field(min_length=1)]
    run: Annotated[str, Field(min_length=1)]
    toolchains: dict[str, ToolchainKeys] = {}
    variants: dict[str, VariantKeys] = {}
    rungs: Annotated[dict[str, RungKeys], Field(min_length=1)]


def schema() -> dict[str, Any]:
    """Return the JSON schema of kernel.yaml."""
    definition = KernelFile.model_json_schema(by_alias=True)
    definition["$defs"]["RungKeys"]["title"] = "a rung"
    definition["$defs"]["VariantKeys"]["title"] = "a variant"
    definition["$defs"]["ToolchainKeys"]["title"] = "a toolchain"
    rungs = "|".join(RUNGS)
    definition["properties"]["variants"]["propertyNames"] = {"pattern": "^[A-Za-z0-9_.+-]+$"}
    definition["properties"]["toolchains"]["propertyNames"] = {"pattern": f"^{TOOLCHAIN_NAME.pattern}$"}
    definition["properties"]["rungs"]["propertyNames"] = {"pattern": f"^({rungs})(-[A-Za-z0-9_.+-]+)?$"}
    return json_schema("kernel.yaml", definition)
