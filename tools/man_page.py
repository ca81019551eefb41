"""Write docs/man/sixty-thousand.1 from the commands, their texts and their options: `python -m tools.man_page`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import click

from harness.cli.main import main
from harness.util.command_line import PROGRAM
from harness.util.paths import ROOT

PAGE = ROOT / "docs" / "man" / f"{PROGRAM}.1"

FILES = {
    "./reports": "A folder for each run: report.html, results.csv, samples.jsonl and run.json; latest is the newest.",
    "$XDG_CACHE_HOME/sixty-thousand, ~/.cache/sixty-thousand": "Builds, inputs, and toolchains from PyPI. The command "
    "clean removes them.",
}
"""The folders of an installed program."""

VARIABLES = {
    "SIXTY_THOUSAND_N, SIXTY_THOUSAND_LIMITS_TIMEOUT_S, ...": "The key n of config.yaml, limits.timeout_s, and so on.",
    "SIXTY_THOUSAND_LOCK": "The file by which only one run at a time measures on a host, instead of /tmp/60000x.lock.",
    "_SIXTY_THOUSAND_COMPLETE": "With bash_source, zsh_source or fish_source, print the completion of the shell.",
}
"""The environment variables that the program reads."""


def man_page(group: click.Group, version: str) -> str:
    """Return the manual page, in the macros of man(7), of a program with these commands."""
    context = click.Context(group, info_name=PROGRAM, **group.context_settings)
    lines = [
        f'.TH {PROGRAM.upper()} 1 "" "{PROGRAM} {version}" "User Commands"',
        ".SH NAME",
        f"{_text(PROGRAM)} \\- {_text(_sentence(group).rstrip('.').lower())}",
        ".SH SYNOPSIS",
        f".B {_text(PROGRAM)}",
        "COMMAND [OPTION]...",
        ".SH DESCRIPTION",
        *_paragraphs(group),
        ".SH COMMANDS",
    ]
    lines += _commands(group, context)
    for title, entries in (("FILES", FILES), ("ENVIRONMENT", VARIABLES)):
        lines += [f".SH {title}", *(line for term, text in entries.items() for line in _entry(term, text))]
    return "\n".join(lines) + "\n"


def _commands(group: click.Group, context: click.Context) -> Iterator[str]:
    """Yield the lines of every command of a group, and of the commands of a command."""
    for name in group.list_commands(context):
        command = group.commands[name]
        own = click.Context(command, context, name)
        yield f".SS {_text(own.command_path)}"
        yield from _command(command, own)
        if isinstance(command, click.Group):
            yield from _commands(command, own)


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    """Yield the lines of one command: its synopsis, its text and its options."""
    yield f".B {_text(context.command_path)}"
    yield _text(" ".join(command.collect_usage_pieces(context)))
    yield ".PP"
    yield from _paragraphs(command)
    for parameter in command.get_params(context):
        term, text = parameter.get_help_record(context) or ("", "")
        if text:
            yield from _entry(term, text)


def _entry(term: str, text: str) -> list[str]:
    return [".TP", f".B {_text(term)}", _text(text)]


def _paragraphs(command: click.Command) -> Iterator[str]:
    """Yield the paragraphs of a command's text, each on a line."""
    for i, paragraph in enumerate((command.help or "").split("\n\n")):
        if i:
            yield ".PP"
        yield _text(" ".join(paragraph.split()))


def _sentence(command: click.Command) -> str:
    return " ".join((command.help or "").split("\n\n")[0].split())


def _text(text: str) -> str:
    """Return a text that troff prints as it is: a hyphen stays one, and a line begins with no macro."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


def version() -> str:
    """Return the version in pyproject.toml; that of the environment may be older."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


if __name__ == "__main__":
    Path(PAGE).parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(man_page(main, version()), encoding="utf-8")
    print(PAGE)
