"""Try the entries of a folder in Docker: honest ones, wrong ones, lies, and one that looks for the others."""

from __future__ import annotations

import csv
import json
import os

import jsonschema
import pytest

from harness.cli.documents import schema
from tests import hostile
from tests.command import harness
from tests.once import make_once
from tests.toy import make_project

TOY = """
name: Toy
apt: [python3-minimal, libpython3-stdlib]
version: python3 --version
run: python3 {source}
rungs:
  naive: {source: naive.py}
"""

SPY = """
import glob, socket
for number in (2, 3, 4):
    assert not glob.glob(f"/*/try-{number}*") and not glob.glob(f"/*/*/try-{number}*")
names = sorted(os.path.basename(path) for path in glob.glob("/kernel/*"))
assert names == ["kernel.yaml", "naive.py"], names
assert not glob.glob("/artefact/*/*") and not glob.glob("/tmp/*") and not glob.glob("/dev/shm/*")
assert not any(name.endswith("reference.f64") for _, _, names in os.walk("/data") for name in names)
try: socket.create_connection(("1.1.1.1", 53), 2)
except OSError: pass
else: raise SystemExit("there is a network")
"""
"""Fails if it finds a file of another entry, the expected output, or a network."""


def entry(*edits):
    """Return the honest program with some lines replaced."""
    text = hostile.HONEST
    for before, after in edits:
        assert before in text
        text = text.replace(before, after)
    return text


ENTRIES = {
    "honest.py": entry(),
    "spy.py": entry((hostile.BEFORE, SPY)),
    "wrong.py": entry((hostile.OUTPUT, "c[0] += 1\n" + hostile.OUTPUT)),
    "crashes.py": entry((hostile.BEFORE, "raise SystemExit('on purpose')\n")),
    "hangs.py": entry((hostile.BEFORE, "while True: pass\n")),
    "halves.py": entry((hostile.CLOCK, "    print((time.perf_counter_ns() - start) // 3)\n")),
    "empty.py": "",
    "prose.xyz": "Here is the function.",
    "<script>alert(1)</script>\x1b[2J.py": "no program",
}

EXPECTED = {
    "honest.py": "right",
    "spy.py": "right",
    "wrong.py": "wrong",
    "crashes.py": "crashed",
    "hangs.py": "timed out",
    "halves.py": "implausible",
    "empty.py": "refused",
    "prose.xyz": "refused",
    "link.py": "refused",
    "none": "refused",
}
"""The verdict on each entry whose name is printed as it is."""


def write_project(folder):
    """Write a project with a language in Docker, and the folder of entries."""
    make_project(folder)
    toy = folder / "kernels" / "toy"
    (toy / "kernel.yaml").write_text(TOY)
    (toy / "naive.py").write_text(hostile.HONEST)
    text = (folder / "config.yaml").read_text().replace("timeout_s: 60,", "timeout_s: 10,")
    (folder / "config.yaml").write_text(text)
    (folder / "class" / "none").mkdir(parents=True)
    for name, program in ENTRIES.items():
        (folder / "class" / name.replace("/", "|")).write_text(program)
    (folder / "class" / "link.py").symlink_to("honest.py")


@pytest.fixture
def tried(engine, tmp_path_factory):
    """Return the folder in which the entries were tried in Docker, once for all tests."""

    def make(folder):
        write_project(folder)
        words = ("try", str(folder / "class"), "--config", str(folder / "config.yaml"), "--backend", "docker")
        files = ("--json", "--html", str(folder / "class.html"), "--csv", str(folder / "class.csv"))
        done = harness(*words, *files, "--n", "230")
        (folder / "class.json").write_text(done.stdout)
        (folder / "errors").write_text(done.stderr)
        (folder / "status").write_text(str(done.returncode))

    return make_once(tmp_path_factory, "try-folder", make)


@pytest.mark.docker
@pytest.mark.alone
@pytest.mark.long(45)
def test_each_entry_has_its_verdict(tried):
    document = json.loads((tried / "class.json").read_text())

    jsonschema.validate(document, schema("try"))
    verdicts = {entry["name"]: entry["verdict"] for entry in document["entries"]}
    assert len(verdicts) == len(ENTRIES) + 2, (tried / "errors").read_text()
    assert {name: verdicts[name] for name in EXPECTED} == EXPECTED, (tried / "errors").read_text()
    codes = {entry["name"]: entry["code"] for entry in document["entries"]}
    assert (codes["halves.py"], codes["wrong.py"]) == ("clock", "wrong-product-of-one")
    assert document["finished"] and (tried / "status").read_text() == "1"


@pytest.mark.docker
@pytest.mark.alone
def test_outputs_have_a_row_for_each_entry_and_say_what_docker_is(tried):
    page, rows = (tried / "class.html").read_text(), list(csv.DictReader((tried / "class.csv").open()))

    assert page.count("data-verdict=") == len(rows) == len(ENTRIES) + 2
    assert "gVisor" in page and "<script>alert" not in page and "\x1b" not in page
    assert "\x1b" not in (tried / "errors").read_text()


@pytest.mark.docker
@pytest.mark.alone
def test_nothing_that_was_built_of_an_entry_is_left(tried):
    assert not list((tried / "build").glob("docker/*/*try-*"))


def test_without_containers_a_folder_is_refused(project, tmp_path):
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "a.py").touch()

    done = harness("try", str(tmp_path / "class"), "--config", str(project / "config.yaml"), "--backend", "native")

    assert done.returncode == 2 and done.stdout == ""
    assert "its entries would run without containers" in done.stderr and "--trust" in done.stderr
    assert done.stderr.count("\n") == 1


def test_with_trust_the_terminal_says_what_is_not_contained(project, tmp_path):
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "a.py").touch()
    words = ("--config", str(project / "config.yaml"), "--backend", "native", "--trust")

    done = harness("try", os.path.relpath(tmp_path / "class"), *words)

    assert done.returncode == 1 and "a.py: refused: is empty" in done.stdout
    assert "Nothing confined the entries" in done.stdout and "Nothing confined the entries" in done.stderr
