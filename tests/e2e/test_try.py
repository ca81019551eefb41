"""Try files of one's own with the real toolchains: right ones, wrong ones, and what is no source."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import signal
import subprocess
import sys

import jsonschema
import pytest

from harness.cli.documents import schema
from harness.util.paths import ROOT
from tests.command import invoke, started

C_FUNCTION = """
#include <stddef.h>

void multiply(const double *restrict a, const double *restrict b, double *restrict c,
              size_t n, size_t rows, int threads) {
    (void)threads;
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < n; j++) c[i * n + j] = 0;
        for (size_t k = 0; k < n; k++)
            for (size_t j = 0; j < n; j++) c[i * n + j] += a[i * n + k] * b[k * n + j];
    }
}
"""

C_PROGRAM = (ROOT / "kernels" / "c" / "driver.c").read_text().replace('#include "driver.h"', C_FUNCTION)

PYTHON_FUNCTION = """
def multiply(a, b, c, n, rows, threads):
    for i in range(rows):
        c[i] = [sum(x * row[j] for x, row in zip(a[i], b)) for j in range(n)]
"""

LINES = ["my", "Right", "Time", "Place", "Other rungs, roughly", "Times naive", "Share of peak"]
"""The first words of the lines on a file that is right."""

APART = ("--n", "256")
"""An n at which rungs differ by more than the noise of pilots: at 48 all may seem near, so that none is left without a
turn, and there is no line on the other rungs."""

PAGE = (ROOT / "docs" / "try.md").read_text()


@pytest.fixture(scope="module")
def config_file(tmp_path_factory):
    """Return a config.yaml with builds of its own: those of the project may be in use by another test."""
    folder = tmp_path_factory.mktemp("try")
    text = re.sub("(reports|build): auto", r"\1: \1", (ROOT / "config.yaml").read_text())
    (folder / "config.yaml").write_text(re.sub(r"check_sizes: .*", "check_sizes: [1, 2, 3, 17]", text))
    return folder / "config.yaml"


@pytest.fixture
def attempt(tmp_path, monkeypatch, config_file, compiler):
    """Return a function that tries a text under a name."""
    monkeypatch.chdir(tmp_path)

    def attempt(name, text, *options):
        (tmp_path / name).write_text(text)
        return invoke("try", name, "--backend", "native", "--n", "48", "--config", str(config_file), *options)

    return attempt


def first_words(done):
    return [re.split(r"[.:]", line)[0] for line in done.stdout.splitlines()]


def test_right_function_gets_its_place(attempt):
    done = attempt("my.c", C_FUNCTION, *APART)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("my.c: a function, with the driver of C, built as c/naive is.\nRight: in all ")
    assert first_words(done)[: len(LINES)] == LINES
    assert re.search(r"^Next, c/\w+: .+\. Read .*kernels/c/\w+\.c\.$", done.stdout, re.M)
    assert re.search(r"^Limit: its hottest loop .*: .*\d+ multiply-adds? in \d+ instructions", done.stdout, re.M)


def test_right_program_gets_its_place(attempt):
    done = attempt("my.c", C_PROGRAM, *APART)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("my.c: a whole program, built and started as c/naive is.\nRight: in all ")
    assert first_words(done)[: len(LINES)] == LINES


@pytest.mark.long(9)
def test_function_in_python_gets_its_place(attempt):
    done = attempt("my.py", PYTHON_FUNCTION)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("my.py: a function, with the driver of Python, built as python/naive is.")
    # its ladder has so few rungs that each may have had its turn
    words = [word for word in LINES if word in first_words(done) or word != "Other rungs, roughly"]
    assert first_words(done)[: len(words)] == words
    assert re.search(r"^Limit: it is interpreted: .* instructions of bytecode", done.stdout, re.M)


def test_wrong_function_gets_the_smallest_case(attempt):
    done = attempt("my.c", C_FUNCTION.replace("b[k * n + j]", "b[j * n + k]"))

    assert done.returncode == 1
    assert re.search(r"^Wrong: \d of 4 values are wrong; .* \(n = 2, rows = 2, threads = 1\)$", done.stdout, re.M)
    assert re.search(r"^ +right is C = \[\[.*\]\]\n +computed was C = \[\[.*\]\]$", done.stdout, re.M)
    assert "Time" not in done.stdout


def test_wrong_script_is_quoted(attempt):
    done = attempt("my.py", PYTHON_FUNCTION.replace("row[j]", "row[j + 1]"))

    assert done.returncode == 1
    assert "Wrong: exited with status 1: IndexError: list index out of range (n = 1" in done.stdout
    assert 'File "my.py", line 4' in done.stdout


def test_file_that_does_not_compile_is_told_with_its_line(attempt):
    done = attempt("my.c", C_FUNCTION.replace("size_t i = 0;", "size_t i = zero;"))

    assert done.returncode == 1
    assert re.search(r"^Does not build: my\.c:7:\d+: error: .*zero.*$", done.stdout, re.M)
    assert "naive.c" not in done.stdout


def test_work_outside_the_clock_is_found(attempt):
    """The checks of what a kernel reports hold for a tried file, too."""
    text = C_PROGRAM.replace("elapsed > 0 ? elapsed : 1", "1LL")
    assert text != C_PROGRAM

    done = attempt("my.c", text, "--n", "256")

    assert done.returncode == 1
    assert "Wrong in what it reports: " in done.stdout


def test_document_and_page_say_what_the_terminal_says(attempt, tmp_path):
    done = attempt("my.c", C_FUNCTION, *APART, "--json", "--html", "my.html", "--seed", "7")

    document = json.loads(done.stdout)
    jsonschema.validate(document, schema("try"))
    [entry] = document["entries"]
    assert (done.returncode, document["seed"], entry["name"], entry["verdict"]) == (0, 7, "my.c", "right")
    assert entry["time"]["value"] > 0 and entry["next_idea"].startswith("Next, c/")
    references = {each["kernel"] for each in document["references"]}
    assert references >= {"c/naive", entry["library"]}
    others = {each["kernel"]: each["seconds"] for each in entry["other_rungs"]}
    assert others and min(others.values()) > 0 and not references & set(others)
    page = (tmp_path / "my.html").read_text()
    assert entry["next_rung"] in page and "Other rungs, roughly: c/" in page and "--seed 7 makes the same again" in page


def test_inputs_are_new_each_time_unless_the_seed_is_given(attempt):
    text = C_FUNCTION.replace("b[k * n + j]", "b[j * n + k]")

    first, second = (attempt("my.c", text).stdout for _ in range(2))
    seed = re.search(r"--seed (\d+) makes the same again", first)[1]

    assert first != second
    assert attempt("my.c", text, "--seed", seed).stdout == first


@pytest.mark.long(8)
def test_watched_file_is_tried_again_at_every_save(tmp_path, config_file, compiler):
    (tmp_path / "my.c").write_text(C_FUNCTION.replace("k = 0", "k = zero"))
    words = ("--backend", "native", "--config", str(config_file), "--watch")

    with started("try", str(tmp_path / "my.c"), *words) as process:
        for line in process.stderr:
            if line.startswith("Waiting"):
                break
        (tmp_path / "my.c").write_text(C_FUNCTION.replace("k = 0", "k = nought"))
        for line in process.stderr:
            if line.startswith("Waiting"):
                break
        process.send_signal(signal.SIGINT)
        printed, error = process.communicate(timeout=60)

    assert [name in printed for name in ("zero", "nought")] == [True, True]
    assert process.returncode == 130 and error.endswith("interrupted\n")


@pytest.mark.parametrize(
    ("name", "data", "options", "expected"),
    [
        ("my.c", None, (), "my.c: cannot be read: No such file or directory"),
        ("my.c", b"", (), "my.c: is empty"),
        ("my.c", b"\x7fELF\0", (), "my.c: is no text in UTF-8"),
        ("my.xyz", b"x", (), "my.xyz: no language has files with the suffix '.xyz'; there are "),
        ("my.c", b"int answer;", (), "my.c: is neither a program"),
        ("my.c", b"x", ("--like", "c/fast"), "--like: no kernel 'c/fast'; there are c/naive"),
        ("my.c", b"x", ("--n", "0"), "--n: expected 1 to 32768, found 0"),
        (".", None, (), ": has no entries"),
        ("my.c", b"x", ("--watch", "--json"), "--watch: expected a FILE, and no --json"),
        ("my.c", b"x", ("--html", "no/my.html"), "--html: expected a file in a folder that exists, found no/my.html"),
        ("my.c", b"x", ("--like", "c/naive", "--like", "c/packed"), "--like: expected one kernel for a file"),
    ],
)
def test_what_cannot_be_tried_is_refused(tmp_path, monkeypatch, config_file, name, data, options, expected):
    monkeypatch.chdir(tmp_path)
    if data is not None:
        (tmp_path / name).write_bytes(data)

    done = invoke("try", name, "--backend", "native", "--config", str(config_file), *options)

    assert done.returncode == 2 and done.stdout == ""
    assert expected in done.stderr and done.stderr.count("\n") == 1


def run_line(line, folder, config_file):
    """Run a line of the page in a folder; attempts are native and small, whatever the line says."""
    command, to, file = line.partition(" > ")
    if command.startswith("python -m harness try"):
        command += f" --backend native --trust --config {shlex.quote(str(config_file))} --n 64"
    command = re.sub(r"^python\b", shlex.quote(sys.executable), command)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        ["sh", "-c", command + to + file], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.long(60)
def test_page_runs_to_the_letter(tmp_path, config_file, compiler):
    """Files are written and commands run in the order of the page; what it says that they print, they print."""
    blocks = re.findall(r"(?:as `([\w.]+)`:\n\n)?```(\w+)\n(.*?)```", PAGE, re.S)
    printed = ""
    for name, kind, text in blocks:
        if kind == "text":
            assert printed == text
            continue
        if name:
            (tmp_path / name).write_text(text)
            continue
        for line in text.splitlines():
            done = run_line(line, tmp_path, config_file)
            printed = done.stdout
            assert "Traceback" not in done.stderr
            if "harness try my" in line:
                assert done.returncode == int("Wrong: " in printed), printed + done.stderr
                assert "Wrong: " in printed or "\nNext, " in printed
            else:
                # one entry of each folder on the page is no program
                assert done.returncode == int("harness try" in line), line + done.stderr

    verdicts = [(row["entry"], row["verdict"]) for row in csv.DictReader((tmp_path / "class.csv").open())]
    assert sorted(verdicts) == [("ada.c", "right"), ("bob.c", "right"), ("eve.c", "not built")]
    assert "eve.c" in (tmp_path / "class.html").read_text()
    scores = [line.split(" ", 2)[:2] for line in printed.splitlines()]
    assert scores == [
        ["task-1-sample-1.c", "right"],
        ["task-1-sample-2.py", "right"],
        ["task-1-sample-3.py", "refused"],
    ]
