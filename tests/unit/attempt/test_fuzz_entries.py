"""Five hundred entries of garbage: each is a row with its reason, and the honest ones beside them are measured."""

from __future__ import annotations

import csv
import json
import os
import random
import sys
from dataclasses import replace

import pytest

from harness.attempt.csv import csv_text
from harness.attempt.documents import Conditions
from harness.attempt.entries import entries_in
from harness.attempt.folder import FolderAttempt
from harness.attempt.page import page
from harness.attempt.settings import settings_of
from harness.attempt.text import table_lines
from harness.attempt.verdict import Verdict
from harness.cli.documents import document_text
from harness.config.kernels import load_kernels
from harness.util.console import Console
from tests.fake_executor import FakeExecutor
from tests.toy import SOURCE

ENTRIES = 500

NAMES = (
    "\x1b[2J",
    "\n",
    "<script>",
    "=1+1",
    "'; rm -rf ~",
    "\u202e",
    "..",
    "{out}",
    "%s",
    "\\g<0>",
    "é",
    "\udce9",
    " ",
)
"""Parts of names that terminals, pages, shells, spreadsheets or patterns could take for something else."""

TEXTS = ("class ", '"""', "/*", "\n\n", "\0", "driver", "{" * 50, "\xff", "import ", "é", " ", "x" * 999)
"""Parts of contents."""

STARTS = ("multiply", "argv", "main(")
"""Parts by which a content is taken for a program or a function, and so is built."""


@pytest.fixture(autouse=True)
def _untraced():
    """Run without the tracer of coverage, under which Pygments takes several times as long."""
    tracer = sys.gettrace()
    sys.settrace(None)
    yield
    sys.settrace(tracer)


def garbage(chance, path):
    """Write an entry of some kind, which no harness has to expect."""
    kind = chance.randrange(8)
    if kind == 0:
        path.touch()
    elif kind == 1:
        path.write_bytes(chance.randbytes(chance.randrange(1, 2000)))
    elif kind == 2:
        path.symlink_to(chance.choice(["/etc/passwd", "/dev/zero", path.name, "nowhere", "honest-0.py"]))
    elif kind == 3:
        os.mkfifo(path)
    elif kind == 4:
        path.mkdir()
        for name in chance.sample(["my.py", "a.c", "x", "driver.py", "naive.py"], chance.randrange(4)):
            (path / name).write_text("\n".join(chance.choices(TEXTS, k=5)), encoding="utf-8")
    elif kind == 5:
        with path.open("wb") as file:
            file.truncate(100 * 2**20)
    else:
        parts = chance.choices(TEXTS[: chance.choice([4, len(TEXTS)])], k=chance.randrange(1, 200))
        parts += chance.sample(STARTS, 1 if chance.random() < 0.5 else 0)
        path.write_text("".join(parts), encoding="utf-8")


@pytest.fixture
def folder(tmp_path):
    """Return a folder of ENTRIES entries, three of them honest."""
    chance, folder = random.Random(1), tmp_path / "class"
    folder.mkdir()
    for i in range(3):
        (folder / f"honest-{i}.py").write_text(SOURCE)
    for i in range(ENTRIES - 3):
        suffix = chance.choice([".py", ".py", ".py", ".c", ".xyz", "", ".PY"])
        garbage(chance, folder / f"{i}{''.join(chance.choices(NAMES, k=3))}{suffix}")
    return folder


@pytest.mark.long(5)
def test_each_entry_is_a_row_with_its_reason(config, project, folder, tmp_path):
    kernels = tuple(replace(kernel, run=kernel.id) for kernel in load_kernels(project / "kernels"))
    config = replace(config, kernels_dir=project / "kernels", check_sizes=(1, 2), n=16)
    place, documents = tmp_path / "scratch", []
    place.mkdir()
    executor = FakeExecutor(lambda name, rows, n, launch: 10_000 * rows)
    # what the fake executor runs is right whatever its source is: some garbage is measured, too
    rungs, settings = {".py": kernels[0]}, settings_of(config, 5, 6, (), False)
    attempt = FolderAttempt(
        "class",
        Conditions("fake", "", "A CPU"),
        kernels,
        rungs,
        executor,
        settings,
        place,
        Console(),
        documents.append,
    )

    attempt.run(entries_in(folder))

    [*_, last] = documents
    assert last.finished and len(last.entries) == ENTRIES
    assert len({entry.name for entry in last.entries}) == ENTRIES
    timed = {entry.name for entry in last.entries if entry.time}
    assert timed >= {"honest-0.py", "honest-1.py", "honest-2.py"}
    for entry in last.entries:
        assert entry.time or (entry.verdict != Verdict.RIGHT and entry.reason), entry
    lines = [*table_lines(last), *(entry.reason for entry in last.entries)]
    assert all(line.isprintable() for line in lines)
    assert len(list(csv.DictReader(csv_text(last).splitlines()))) == ENTRIES
    assert len(json.loads(document_text(last))["entries"]) == ENTRIES
    assert page(last).count("data-verdict=") == ENTRIES and "<script>alert" not in page(last)
