"""Read the commands and figures that the documents hold."""

from __future__ import annotations

import re

from harness.util.paths import ROOT

README = (ROOT / "README.md").read_text()
USAGE = (ROOT / "docs" / "usage.md").read_text()
PROGRAMS = (ROOT / "docs" / "for-programs.md").read_text()
HOSTS = (ROOT / "docs" / "hosts.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()


def commands_of(page: str) -> list[str]:
    """Return the command lines of a page's `sh` blocks, without comments."""
    blocks = re.findall(r"```sh\n(.*?)```", page, re.S)
    return [line.split("#")[0].strip() for text in blocks for line in text.splitlines() if line]


COMMANDS = list(
    dict.fromkeys(line for page in (README, USAGE, PROGRAMS, HOSTS, CONTRIBUTING) for line in commands_of(page))
)
"""The commands of the five pages, each once."""


def sections() -> list[tuple[str, str, str]]:
    """Return the sections of figures on all pages: page, name, text."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    return [
        (str(page.relative_to(ROOT)), name, text)
        for page in pages
        for name, text in re.findall(r"<!-- figures: ([\w-]+) -->\n(.*?)<!-- end -->", page.read_text(), re.S)
    ]
