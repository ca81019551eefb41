"""Measure how long `try` takes: from the command to the verdict in six languages, and for a class of 30 entries."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.model.errors import HarnessError
from harness.report.markdown import table
from harness.util.format import duration
from harness.util.paths import ROOT

SOURCES = {
    "Python": "python/{}.py",
    "Java": "java/{}.java",
    "C": "c/{}.c",
    "Rust": "rust/{}.rs",
    "Go": "go/{}.go",
    "Zig": "zig/{}.zig",
}
"""The files of the rungs of each language."""

ENTRIES = 5
"""Entries of the class in each language: two like naive, two like interchange, and one that is half of a file."""

LINES = ("Right", "Time", "Inputs")
"""The first words of the lines at which the clock is read: the checks, the time, and the end."""


@dataclass(frozen=True)
class Seconds:
    """The seconds from the command on until each line of LINES: the checks, the time, and the last line."""

    right: float
    time: float
    end: float


@dataclass(frozen=True)
class Class:
    """What a class took: its number of entries, how many were right, where, and the seconds."""

    entries: int
    right: int
    backend: str
    seconds: float


def figures(languages: Sequence[str] = tuple(SOURCES), options: Sequence[str] = ()) -> str:
    """Return the table of the languages, and the sentence on a class; `options` are more options of `try`."""
    with tempfile.TemporaryDirectory(prefix="60000x-try-") as name:
        folder = Path(name)
        rows = []
        for language in languages:
            config = _config(folder / language)
            file = folder / _file(language, "naive").name
            shutil.copy(_file(language, "naive"), file)
            cold = _tried(file, config, options)
            rows.append((language, cold, _tried(file, config, options)))
        measured = _class(folder, languages, options)
    return f"{_table(rows)}\n\n{_sentence(measured)}"


def _file(language: str, rung: str) -> Path:
    name = SOURCES[language].format(rung.capitalize() if language == "Java" else rung)
    return ROOT / "kernels" / name


def _config(folder: Path) -> Path:
    """Return a copy of config.yaml whose builds lie in a new folder."""
    folder.mkdir()
    text = re.sub("(reports|build): auto", r"\1: \1", (ROOT / "config.yaml").read_text())
    (folder / "config.yaml").write_text(text)
    return folder / "config.yaml"


def _tried(file: Path, config: Path, options: Sequence[str]) -> Seconds:
    """Try a file natively, and return when each line came. Raises HarnessError if the file is not right."""
    words = [sys.executable, "-m", "harness", "try", str(file), "--config", str(config), "--backend", "native"]
    begin_s, at_s = time.monotonic(), {}
    with subprocess.Popen([*words, *options], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout
        for line in process.stdout:
            at_s[re.split(r"[:.]", line.decode())[0]] = time.monotonic() - begin_s
    if process.returncode:
        raise HarnessError(f"{file.name}: try ended with status {process.returncode}")
    return Seconds(*(at_s[word] for word in LINES))


def _class(folder: Path, languages: Sequence[str], options: Sequence[str]) -> Class:
    """Try a folder of ENTRIES entries in each language, in containers where an engine answers."""
    handed_in = folder / "class"
    handed_in.mkdir()
    for language in languages:
        sources = [_file(language, rung) for rung in ("naive", "interchange")] * 2
        for i, source in enumerate(sources):
            shutil.copy(source, handed_in / f"{language.lower()}{i + 1}{source.suffix}")
        text = sources[0].read_text()
        (handed_in / f"{language.lower()}{ENTRIES}{sources[0].suffix}").write_text(text[: len(text) // 2])
    words = [sys.executable, "-m", "harness", "try", str(handed_in), "--trust", "--json", *options]
    begin_s = time.monotonic()
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - begin_s
    if done.returncode not in (0, 1):
        raise HarnessError(f"try of a class: {done.stderr[-500:]}")
    document = json.loads(done.stdout)
    return Class(len(document["entries"]), document["right"], document["backend"], seconds)


def _table(rows: Sequence[tuple[str, Seconds, Seconds]]) -> str:
    head = ["language", "right, cold", "time, cold", "end, cold", "right, warm", "time, warm", "end, warm"]
    cells = [
        [language, *(duration(at_s) for seconds in both for at_s in (seconds.right, seconds.time, seconds.end))]
        for language, *both in rows
    ]
    return table(head, cells)


def _sentence(measured: Class) -> str:
    return (
        f"A class of {measured.entries} entries, of which {measured.right} were right, took "
        f"{duration(measured.seconds)} ({measured.backend})."
    )
