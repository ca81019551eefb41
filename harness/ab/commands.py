"""Turn the words of the command line into the commands to launch: parameters, shell or none, preparations. Pure."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.ab.revision import Revision
from harness.model.errors import UsageError

DEFAULT_SHELL = ("/bin/sh",)
"""The words of the shell that POSIX systems have."""

Find = Callable[[str], str | None]
"""Return the path of a program, or None if there is none: shutil.which."""


@dataclass(frozen=True)
class Preparation:
    """What is run beside the commands, and not timed: its option, its text, and the words that start it.

    `folder` is that of Command.
    """

    option: str
    text: str
    words: tuple[str, ...]
    folder: Path = Path()


@dataclass(frozen=True)
class Command:
    """A command to launch: its text, with the values of its parameters in place, and the words that start it.

    `name` is the letter that the output has for it, `prepare` is run before each of its launches. `output` is the file
    to compare, empty for standard output. It runs in `folder`, relative to the working folder, which holds the files of
    `revision`, if it is that of a revision.
    """

    name: str
    text: str
    words: tuple[str, ...]
    parameters: Mapping[str, str] = field(default_factory=dict)
    prepare: Preparation | None = None
    output: str = ""
    folder: Path = Path()
    revision: Revision | None = None

    @property
    def title(self) -> str:
        """The command's text, with its revision."""
        return f"{self.text} at {self.revision}" if self.revision else self.text

    def __str__(self) -> str:
        return f"{self.name} ({self.title})"


@dataclass(frozen=True)
class Group:
    """Commands that are compared with the first of them.

    `parameters` are the values that they have in common, `shell` the words of the shell in which all of them run, none
    if empty. `setups` and `cleanups` are run once, before and after all launches of the group.
    """

    commands: tuple[Command, ...]
    parameters: Mapping[str, str]
    shell: tuple[str, ...]
    setups: tuple[Preparation, ...] = ()
    cleanups: tuple[Preparation, ...] = ()


@dataclass(frozen=True)
class Request:
    """What the user asks for: the texts of commands, preparations and files, in which `{name}` is a parameter.

    `shell` is the user's choice: the words of a shell, none of them for no shell, or None for a shell if one is needed.
    """

    texts: tuple[str, ...]
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    prepare: tuple[str, ...] = ()
    setup: str = ""
    cleanup: str = ""
    output: str = ""
    shell: tuple[str, ...] | None = None


def groups_of(request: Request, find: Find) -> list[Group]:
    """Return the commands in the groups in which they are compared. Raises UsageError.

    One text with parameters gives one group, a command for each combination of values. Several texts give a group for
    each combination, because commands on different data have nothing to compare.
    """
    _check(request)
    combinations = _combinations(request.lists)
    if len(request.texts) == 1:
        groups = [[(0, values) for values in combinations]]
    else:
        groups = [[(i, values) for i in range(len(request.texts))] for values in combinations]
    if len(groups[0]) < 2:
        raise UsageError("ab: expected two commands or more, or one with a parameter of several values (-L), found one")
    return [_group(request, members, find) for members in groups]


def _check(request: Request) -> None:
    """Raise UsageError for texts that fit together in no way."""
    if len(request.prepare) > 1 and len(request.prepare) != len(request.texts):
        found = f"found {len(request.prepare)} for {len(request.texts)}"
        raise UsageError(f"--prepare: expected one for all commands or one for each, {found}")
    texts = (*request.texts, *request.prepare, request.setup, request.cleanup, request.output)
    for name in request.lists:
        if not any(f"{{{name}}}" in text for text in texts):
            raise UsageError(f"-L {name}: no command has {{{name}}}, in the place of which the values would be")
    if any(sign in text for text in texts for sign in "\0\x1e\x1f"):
        raise UsageError("ab: a command has a control character (0, 30 or 31), which no launch can pass on: omit it")


def _combinations(lists: Mapping[str, tuple[str, ...]]) -> list[dict[str, str]]:
    """Return all combinations of the parameters' values; the first parameter changes fastest, as hyperfine's does."""
    names = list(lists)[::-1]
    products = itertools.product(*(lists[name] for name in names))
    return [dict(zip(lists, values[::-1], strict=True)) for values in products]


def _group(request: Request, members: Sequence[tuple[int, dict[str, str]]], find: Find) -> Group:
    texts = [filled(request.texts[i], values) for i, values in members]
    shell = request.shell
    if shell is None:
        # one shell for all, or none: its start would otherwise be a difference between the commands
        shell = DEFAULT_SHELL if any(needs_shell(text, find) for text in texts) else ()
    commands = []
    for number, (text, (i, values)) in enumerate(zip(texts, members, strict=True)):
        prepare = request.prepare[i if len(request.prepare) > 1 else 0] if request.prepare else ""
        commands.append(
            Command(
                letter(number),
                text,
                words_of(text, shell, find),
                values,
                _preparation("--prepare", filled(prepare, values), request.shell, find),
                filled(request.output, values),
            )
        )
    common = members[0][1] if len(request.texts) > 1 else {}
    return Group(
        tuple(commands),
        common,
        shell,
        _each_once("--setup", request.setup, members, request.shell, find),
        _each_once("--cleanup", request.cleanup, members, request.shell, find),
    )


def _each_once(
    option: str, text: str, members: Sequence[tuple[int, dict[str, str]]], shell: tuple[str, ...] | None, find: Find
) -> tuple[Preparation, ...]:
    """Return the preparations that a text gives with the values of each command, each of them once."""
    texts = dict.fromkeys(filled(text, values) for _, values in members)
    return tuple(found for text in texts if (found := _preparation(option, text, shell, find)))


def _preparation(option: str, text: str, shell: tuple[str, ...] | None, find: Find) -> Preparation | None:
    """Return a preparation, which may need a shell where the commands need none; None for an empty text."""
    if not text:
        return None
    if shell is None:
        shell = DEFAULT_SHELL if needs_shell(text, find) else ()
    return Preparation(option, text, words_of(text, shell, find))


def words_of(text: str, shell: tuple[str, ...], find: Find) -> tuple[str, ...]:
    """Return the words that start a command, in a shell if it has words. Raises UsageError."""
    if shell:
        return (*shell, "-c", text)
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"ab: '{text}' is no command: {str(error).lower()}") from None
    if not words:
        raise UsageError("ab: expected a command, found an empty text")
    if not _is_path(words[0]) and not find(words[0]):
        raise UsageError(f"ab: no program '{words[0]}', the first word of '{text}'")
    return words


_QUOTED = re.compile(r"""\\.|'[^']*'|"(?:\\.|[^"\\$`])*\"""", re.S)
"""What a shell takes as it is: an escaped sign, and a quoted text without variables."""

_INTERPRETED = re.compile(r"""[|&;<>()$`*?\[\n'"\\]|(?<!\S)[~#!]|^\s*\w+=""")
"""What a shell interprets: operators, variables, patterns, a home folder, a comment, the setting of a variable."""


def needs_shell(text: str, find: Find) -> bool:
    """Return whether only a shell understands a command: it has operators, variables or patterns, or is built in."""
    if _INTERPRETED.search(_QUOTED.sub("_", text)):
        return True
    words = shlex.split(text)
    return bool(words) and not _is_path(words[0]) and not find(words[0])


def _is_path(word: str) -> bool:
    """Return whether a program is named by its path. It may not be there yet, since a setup may build it."""
    return "/" in word


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text with the values of its parameters in place of their names in braces."""
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def values_of(text: str) -> tuple[str, ...]:
    """Return the values of a list such as `1,2,3`; a comma within a value is written as `\\,`."""
    return tuple(value.replace("\\,", ",") for value in re.split(r"(?<!\\),", text))


def letter(number: int) -> str:
    """Return the name of a command by its place: A to Z, then A1 to Z1, and so on."""
    return chr(ord("A") + number % 26) + (str(number // 26) if number >= 26 else "")
