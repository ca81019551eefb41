"""kernel.yaml: six lines are enough, and what is wrong is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.config.kernels import load_kernels, schema, select, words
from harness.config.load import load_config
from harness.model.errors import UsageError
from harness.model.kernel import RUNGS
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


def test_a_folder_with_six_lines_is_a_language(project):
    nim = project / "kernels" / "nim"
    nim.mkdir()
    (nim / "kernel.yaml").write_text(MINIMAL)
    (nim / "naive.nim").write_text("")
    kernel, toy = load_kernels(project / "kernels")
    assert (kernel.id, kernel.language_name, kernel.toolchain.apt) == ("nim/naive", "Nim", ("nim",))
    assert toy.id == "toy/naive"


def test_rungs_come_in_the_ladder_s_order_and_variants_behind_their_rung():
    kernels = load_kernels(load_config().kernels_dir)
    for language in {kernel.language for kernel in kernels}:
        places = [RUNGS.index(kernel.rung) for kernel in kernels if kernel.language == language]
        assert places == sorted(places)
    assert [k.id for k in kernels if k.language == "c"][:2] == ["c/naive", "c/naive-O0"]


def test_the_six_languages_have_the_same_rungs():
    kernels = load_kernels(load_config().kernels_dir)
    for language in ("python", "java", "c", "rust", "go", "zig"):
        # Python climbs on in Numba: its rungs are called so
        rungs = {kernel.variant.removesuffix("-numba") for kernel in kernels if kernel.language == language}
        assert {"naive", "interchange", "parallel", "divide", "vector", "intrinsics", "packed"} <= rungs


def header(kernel):
    """The lines that a rung's file begins with, without their comment marks."""
    return [line.lstrip("/#* ") for line in (kernel.folder / kernel.source).read_text().splitlines()]


def test_every_rung_begins_with_four_lines():
    labels = ("what changes:", "why it is faster:", "what limits it now:", "how it is built:")
    for kernel in load_kernels(load_config().kernels_dir):
        for line, label in zip(header(kernel), labels, strict=False):
            assert line.startswith(label), f"{kernel.id}: {line}"


def test_a_rung_changes_the_same_in_every_language():
    rules = (load_config().kernels_dir.parent / "docs" / "rules.md").read_text()
    sentences = dict(re.findall(r"^\| (\w+) \| ([^|]+) \| [^|]+ \|$", rules, re.M))
    ladder = ("naive", "interchange", "parallel", "divide", "vector", "intrinsics", "packed")

    assert set(ladder) <= set(sentences)
    for kernel in load_kernels(load_config().kernels_dir):
        if kernel.rung in ladder:
            assert header(kernel)[0] == f"what changes: {sentences[kernel.rung]}", kernel.id


def test_no_source_holds_a_measured_share_of_peak():
    """A figure in a source would make every artefact stale with each run of figures."""
    for kernel in load_kernels(load_config().kernels_dir):
        assert not any(line.startswith("share of peak") for line in header(kernel)), kernel.id


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("name: Toy", "nome: Toy", "kernel.yaml: nome: unknown key"),
        ("name: Toy", "", "kernel.yaml: name: this key is missing"),
        ("  naive: {source: naive.py}", "  fast: {source: naive.py}", "rungs.fast: expected one of naive, "),
        ("source: naive.py", "source: none.py", "rungs.naive.source: no such file: none.py"),
        ("source: naive.py", "source: ../../config.yaml", "rungs.naive.source: must lie in toy/"),
        ("run: python3 {source}", "run: python3 {file}", "run: unknown placeholder {file}"),
        ("run: python3 {source}", 'run: "python3 \'x"', "run: not a command: no closing quotation"),
        ("name: Toy", "name: Toy\napt: [--allow-insecure]", "apt.0: "),
        ("name: Toy", "name: Toy\napt: gcc", "apt: expected a list (such as [a, b]), found 'gcc'"),
        ("source: naive.py}", "source: naive.py, threads: two}", "rungs.naive.threads: "),
        ("  naive: {", "  engine: {", "rungs.engine.products: the rung engine says how many"),
        ("source: naive.py}", "source: naive.py, products: 15}", "rungs.naive.products: the rung engine says how many"),
        ("source: naive.py}", "source: 3}", "rungs.naive.source: expected a text"),
        ("name: Toy", "name: Toy\nvariants: {jit: {class: jit}}", "variants.jit: no rung has this suffix"),
        ("name: Toy", "name: Toy\nvariants: {jit: {source: jit.py}}", "variants.jit.source: unknown key"),
        ("name: Toy", 'name: Toy\nvariants: {jit: {run: "{file}"}}', "variants.jit.run: unknown placeholder {file}"),
        ("name: Toy", "name: Toy\nvariants: [jit]", "variants: expected keys and values, found ['jit']"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_key(project, before, after, expected):
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


def test_a_folder_name_that_could_be_an_option_is_refused(project):
    (project / "kernels" / "toy").rename(project / "kernels" / "-rf")
    with pytest.raises(UsageError, match="short name"):
        load_kernels(project / "kernels")


def test_a_glob_that_matches_nothing_names_what_there_is(project):
    with pytest.raises(UsageError, match="no kernel matches 'cobol/\\*'; there are toy/naive"):
        select(load_kernels(project / "kernels"), ("cobol/*",))


def test_no_name_becomes_syntax():
    argv = words(
        "cc {flags} -o {out} {source}", artefact=Path("/a b/$(x)"), folder=Path("/k"), source="x;y.c", flags="-O2 -g"
    )
    assert argv == ("cc", "-O2", "-g", "-o", "/a b/$(x)/out", "x;y.c")


def test_a_rung_overrides_what_the_language_says():
    kernels = {kernel.id: kernel for kernel in load_kernels(load_config().kernels_dir)}
    assert kernels["c/naive-O0"].flags == "-O0"
    assert kernels["c/naive-O0"].category_of(2) == "naive (unoptimised), 1 thread"
    numpy = kernels["python/library-numpy"]
    assert numpy.toolchain.pip and not kernels["python/naive"].toolchain.pip
    assert numpy.category_of(2) == "library, 2 threads"


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


def test_rungs_with_one_suffix_share_what_variants_says(project):
    (project / "kernels" / "toy" / "kernel.yaml").write_text(VARIANTS)

    kernels = {kernel.variant: kernel for kernel in load_kernels(project / "kernels")}

    naive, jit = kernels["naive"], kernels["naive-jit"]
    assert (naive.run, naive.category, naive.toolchain.pip) == ("toy {source}", "naive", ("toy",))
    assert (jit.run, jit.category, jit.toolchain.pip) == ("jit {source}", "jit", ("toy", "jit"))


def test_a_rung_overrides_what_its_variant_says(project):
    (project / "kernels" / "toy" / "kernel.yaml").write_text(VARIANTS)

    kernels = {kernel.variant: kernel for kernel in load_kernels(project / "kernels")}

    assert not kernels["naive-jit"].threaded
    assert kernels["parallel-jit"].run == "jit -O2 {source}" and kernels["parallel-jit"].threaded
    assert kernels["parallel-jit"].category == "jit"


def test_the_schema_knows_variants():
    import jsonschema
    import yaml

    jsonschema.validate(yaml.safe_load(VARIANTS), schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(VARIANTS.replace("threads: one", "source: jit.py")), schema())
