"""Test kernel.yaml: six lines are enough for a language, and every mistake is named."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml

from harness.config.command_words import words
from harness.config.kernel_file import schema
from harness.config.kernels import load_kernels, select
from harness.model.errors import UsageError
from tests.toy import KERNEL

MINIMAL = """
name: Nim
apt: [nim]
version: nim --version
build: nim c -d:release -o:{out} {source}
run: "{out}"
rungs:
  naive: {source: naive.nim}
"""


def test_six_lines_make_a_language(project):
    nim = project / "kernels" / "nim"
    nim.mkdir()
    (nim / "kernel.yaml").write_text(MINIMAL)
    (nim / "naive.nim").write_text("")

    kernel, toy = load_kernels(project / "kernels")

    assert (kernel.id, kernel.language_name, kernel.toolchain.apt) == ("nim/naive", "Nim", ("nim",))
    assert toy.id == "toy/naive"


def test_rung_may_be_compiled_otherwise_than_its_language(project):
    """LuaJIT without its compiler is an interpreter, and PHP has one that a rung turns on."""
    file = project / "kernels" / "toy" / "kernel.yaml"
    rungs = "  naive-plain: {source: naive.py, jit: false}\n  naive-again: {source: naive.py}\n"
    file.write_text(file.read_text().replace("name: Toy", "name: Toy\njit: true") + rungs)

    compiled = {kernel.variant: kernel.jit for kernel in load_kernels(project / "kernels")}

    assert compiled == {"naive": True, "naive-plain": False, "naive-again": True}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("name: Toy", "nome: Toy", "kernel.yaml: nome: unknown key"),
        ("name: Toy", "", "kernel.yaml: name: this key is missing"),
        ("  naive: {source: naive.py}", "  fast: {source: naive.py}", "rungs.fast: expected one of naive, "),
        ("source: naive.py", "source: ../../config.yaml", "rungs.naive.source: must lie in toy/"),
        ("run: python3 {source}", "run: python3 {file}", "run: unknown placeholder {file}"),
        ("run: python3 {source}", 'run: "python3 \'x"', "run: not a command: no closing quotation"),
        ("name: Toy", "name: Toy\napt: [--allow-insecure]", "apt.0: "),
        ("name: Toy", "name: Toy\njit: perhaps", "jit: expected "),
        ("name: Toy", "name: Toy\napt: gcc", "apt: expected a list (such as [a, b]), found 'gcc'"),
        ("source: naive.py}", "source: naive.py, threads: two}", "rungs.naive.threads: "),
        ("  naive: {", "  engine: {", "rungs.engine.products: the rung engine says how many"),
        ("source: naive.py}", "source: naive.py, products: 15}", "rungs.naive.products: the rung engine says how many"),
        ("source: naive.py}", "source: 3}", "rungs.naive.source: expected a text"),
        ("name: Toy", "name: Toy\nvariants: {jit: {class: jit}}", "variants.jit: no rung has this suffix"),
        ("name: Toy", "name: Toy\nvariants: {jit: {source: jit.py}}", "variants.jit.source: unknown key"),
        ("name: Toy", 'name: Toy\nvariants: {jit: {run: "{file}"}}', "variants.jit.run: unknown placeholder {file}"),
        ("name: Toy", "name: Toy\npeak: {build: cc}", "peak.run: this key is missing"),
        ("name: Toy", 'name: Toy\npeak: {build: cc, run: "{file}"}', "peak.run: unknown placeholder {file}"),
        ("name: Toy", "name: Toy\nuses: ../none", "kernel.yaml: uses: no such folder: ../none"),
        ("{source: naive.py}", "{source: '{uses}/naive.py'}", "kernel.yaml: uses: {uses} stands for the folder that"),
        ("name: Toy", "name: Toy\nvariants: [jit]", "variants: expected keys and values, found ['jit']"),
    ],
)
def test_mistake_is_named_with_its_file_and_key(project, before, after, expected):
    path = project / "kernels" / "toy" / "kernel.yaml"
    assert before in KERNEL
    path.write_text(KERNEL.replace(before, after, 1))

    with pytest.raises(UsageError) as caught:
        load_kernels(project / "kernels")

    assert expected in str(caught.value)
    assert str(path) in str(caught.value)


def test_two_languages_of_one_name_are_refused(project):
    other = project / "kernels" / "twin"
    other.mkdir()
    (other / "kernel.yaml").write_text(KERNEL)
    (other / "naive.py").write_text("")

    with pytest.raises(UsageError, match="name: 'Toy' is already the name in"):
        load_kernels(project / "kernels")


def test_folder_name_that_could_be_an_option_is_refused(project):
    (project / "kernels" / "toy").rename(project / "kernels" / "-rf")

    with pytest.raises(UsageError, match="short name"):
        load_kernels(project / "kernels")


def test_glob_without_a_match_names_the_kernels(project):
    with pytest.raises(UsageError, match="no kernel matches 'cobol/\\*'; there are toy/naive"):
        select(load_kernels(project / "kernels"), ("cobol/*",))


def test_names_never_become_syntax():
    """Only the flags of a command are split into words; no shell reads it."""
    argv = words(
        "cc {flags} -o {out} {source}", artefact=Path("/a b/$(x)"), folder=Path("/k"), source="x;y.c", flags="-O2 -g"
    )

    assert argv == ("cc", "-O2", "-g", "-o", "/a b/$(x)/out", "x;y.c")


VARIANTS = """
name: Toy
pip: [toy]
version: toy --version
run: toy {source}
variants:
  jit: {class: jit, pip: [jit], run: "jit {source}", threads: one}
rungs:
  naive: {source: naive.py}
  naive-jit: {source: naive.py}
  parallel-jit: {source: naive.py, run: "jit -O2 {source}", threads: all}
"""


@pytest.fixture
def kernels(project):
    """Return the kernels of a language with variants."""
    (project / "kernels" / "toy" / "kernel.yaml").write_text(VARIANTS)
    return {kernel.variant: kernel for kernel in load_kernels(project / "kernels")}


def test_rungs_with_one_suffix_share_their_variant_s_keys(kernels):
    naive, jit = kernels["naive"], kernels["naive-jit"]

    assert (naive.run, naive.category, naive.toolchain.pip) == ("toy {source}", "naive", ("toy",))
    assert (jit.run, jit.category, jit.toolchain.pip) == ("jit {source}", "jit", ("toy", "jit"))


def test_rung_overrides_its_variant(kernels):
    assert not kernels["naive-jit"].threaded
    assert kernels["parallel-jit"].run == "jit -O2 {source}" and kernels["parallel-jit"].threaded
    assert kernels["parallel-jit"].category == "jit"


def test_schema_accepts_variants():
    jsonschema.validate(yaml.safe_load(VARIANTS), schema())


def test_schema_refuses_unknown_keys_of_variants():
    unknown = yaml.safe_load(VARIANTS.replace("threads: one", "source: jit.py"))

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(unknown, schema())


def test_a_kernel_can_share_the_files_of_another_language(project):
    other = project / "kernels" / "other"
    other.mkdir()
    (other / "kernel.yaml").write_text(
        "name: Other\nversion: python3 --version\nuses: ../toy\nrun: env PYTHONPATH={uses} python3 {source}\n"
        "rungs: {naive: {source: '{uses}/naive.py'}}\n"
    )

    kernel = load_kernels(project / "kernels")[0]

    assert kernel.id == "other/naive"
    assert kernel.source_path == (project / "kernels" / "toy" / "naive.py").resolve()


def test_a_shared_source_must_lie_in_the_folder_that_is_used(project):
    other = project / "kernels" / "other"
    other.mkdir()
    (other / "kernel.yaml").write_text(
        "name: Other\nversion: x\nuses: ../toy\nrun: x\nrungs: {naive: {source: '{uses}/../../config.yaml'}}\n"
    )

    with pytest.raises(UsageError, match=r"rungs\.naive\.source: must lie in toy/"):
        load_kernels(project / "kernels")
