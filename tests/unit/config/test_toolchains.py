"""Test the toolchains of kernel.yaml: what each builds, how they are chosen, and every mistake."""

from __future__ import annotations

import jsonschema
import pytest
import yaml

from harness.config.kernel_file import schema
from harness.config.kernels import kernels_of, load_kernels, select
from harness.config.load import Options, load_config
from harness.config.scaffold import scaffold
from harness.model.errors import UsageError
from harness.model.kernel import by_main_toolchain

TOOLCHAINS = """
name: Toy
apt: [toycc]
pip: [toy]
tool: toycc
version: "{tool} --version"
flags: -O3
build: "{tool} {flags} -o {out} {source}"
run: "{out}"
toolchains:
  toycc: {}
  other:
    tool: sh -c 'exec other "$@"' -
    apt: [other]
    image: other:1.0
    rungs: [naive, parallel]
  plain: {tool: "", flags: -O2}
rungs:
  naive: {source: naive.py}
  interchange: {source: naive.py}
  parallel: {source: naive.py, flags: -O3 -threads}
"""


@pytest.fixture
def load(project):
    """Return a function that loads the kernels by id, with some toolchains of the language chosen."""
    (project / "kernels" / "toy" / "kernel.yaml").write_text(TOOLCHAINS)

    def loaded(*names: str):
        chosen = {"toy": names} if names else {}
        return {kernel.id: kernel for kernel in load_kernels(project / "kernels", chosen=chosen)}

    return loaded


def test_a_language_has_its_first_toolchain_unless_asked(load):
    kernels = load()

    assert list(kernels) == ["toy/naive", "toy/interchange", "toy/parallel"]
    naive = kernels["toy/naive"]
    assert (naive.toolchain.name, naive.alternative, naive.language_name) == ("toycc", "", "Toy")
    assert (naive.build, naive.toolchain.apt) == (("toycc {flags} -o {out} {source}",), ("toycc",))


def test_toolchains_of_a_rung_stand_side_by_side(load):
    assert list(load("toycc", "other")) == [
        "toy/naive",
        "toy/naive@other",
        "toy/interchange",
        "toy/parallel",
        "toy/parallel@other",
    ]


def test_all_stands_for_every_toolchain(load):
    assert {kernel.toolchain.name for kernel in load("all").values()} == {"toycc", "other", "plain"}


def test_the_default_can_be_left_out(load):
    assert list(load("other")) == ["toy/naive@other", "toy/parallel@other"]


def test_the_words_of_a_tool_take_its_place_in_commands(load):
    kernel = load("other")["toy/naive@other"]

    assert kernel.build == ("sh -c 'exec other \"$@\"' - {flags} -o {out} {source}",)
    assert kernel.toolchain.version_command == "sh -c 'exec other \"$@\"' - --version"


def test_packages_of_two_toolchains_do_not_mix(load):
    toolchain = load("other")["toy/naive@other"].toolchain

    assert (toolchain.apt, toolchain.pip, toolchain.image) == (("other",), (), "other:1.0")
    assert load("plain")["toy/naive@plain"].toolchain.pip == ("toy",)


def test_a_rung_overrides_its_toolchain(load):
    kernels = load("plain")

    assert kernels["toy/naive@plain"].flags == "-O2"
    assert kernels["toy/parallel@plain"].flags == "-O3 -threads"


def test_a_glob_matches_a_rung_by_every_toolchain(load):
    kernels = tuple(load("toycc", "other").values())

    assert [kernel.id for kernel in select(kernels, ("toy/naive",))] == ["toy/naive", "toy/naive@other"]
    assert [kernel.id for kernel in select(kernels, ("*@other",))] == ["toy/naive@other", "toy/parallel@other"]


def test_the_main_toolchain_is_the_default_or_else_the_first(load):
    assert {kernel.alternative for kernel in by_main_toolchain(load("other", "toycc").values())} == {""}
    assert {kernel.alternative for kernel in by_main_toolchain(load("plain", "other").values())} == {"plain"}


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"toy": ("icc",)}, "--toolchain: toy has no toolchain 'icc'; there are toycc, other, plain"),
        ({"cobol": ("gcc",)}, "--toolchain: no language 'cobol'; there are toy"),
    ],
)
def test_a_toolchain_that_is_not_there_is_a_sentence(load, project, chosen, expected):
    load()

    with pytest.raises(UsageError) as caught:
        load_kernels(project / "kernels", chosen=chosen)

    assert str(caught.value) == expected


def test_a_language_of_one_toolchain_has_no_name_for_it(project):
    with pytest.raises(
        UsageError, match=r"^--toolchain: toy has one toolchain only: its kernel\.yaml names no others$"
    ):
        load_kernels(project / "kernels", chosen={"toy": ("gcc",)})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("rungs: [naive, parallel]", "rungs: [packed]", "toolchains.other.rungs: no rung 'packed'; there are naive"),
        ("  plain: {", "  all: {", "toolchains.all: a name has letters"),
        ("  plain: {", "  a=b: {", "toolchains.a=b: a name has letters"),
        ("  plain: {", "  1.5: {", "expected a text (put it in quotes if it looks like a number)"),
        ('tool: ""', 'tool: "{out}"', "toolchains.plain.tool: a tool has no placeholders"),
        ('tool: ""', "source: a.c", "toolchains.plain.source: unknown key"),
        ("tool: toycc", "tool: toycc '", "tool: not a command: no closing quotation"),
    ],
)
def test_a_mistake_in_a_toolchain_is_named(load, project, before, after, expected):
    path = project / "kernels" / "toy" / "kernel.yaml"
    assert before in TOOLCHAINS
    path.write_text(TOOLCHAINS.replace(before, after, 1))

    with pytest.raises(UsageError) as caught:
        load_kernels(project / "kernels")

    assert f"{path}: " in str(caught.value) and expected in str(caught.value)


def test_a_command_with_a_tool_that_nobody_names_is_a_mistake(project):
    path = project / "kernels" / "toy" / "kernel.yaml"
    path.write_text(path.read_text().replace("run: python3", 'run: "{tool}').replace("{source}\n", '{source}"\n', 1))

    with pytest.raises(UsageError, match=r"tool: \{tool\} stands for the compiler or interpreter"):
        load_kernels(project / "kernels")


def test_the_schema_accepts_toolchains_and_refuses_unknown_keys():
    jsonschema.validate(yaml.safe_load(TOOLCHAINS), schema())

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(TOOLCHAINS.replace("image:", "picture:")), schema())


def test_a_new_language_copies_the_default_toolchain(load, project):
    load()

    folder = scaffold("new", project / "kernels" / "toy", project / "kernels")

    assert yaml.safe_load((folder / "kernel.yaml").read_text())["build"] == "toycc {flags} -o {out} {source}"


def test_the_option_adds_up_and_names_each_once(project):
    options = Options(toolchain=("toy=a,b", "c=gcc", "toy=b, c"))

    assert load_config(project / "config.yaml", options).toolchains == {"toy": ("a", "b", "c"), "c": ("gcc",)}


@pytest.fixture
def config_file(project):
    """Return a function that adds a key `toolchain` to config.yaml, and returns the path."""

    def added(value: str):
        path = project / "config.yaml"
        path.write_text(f"{path.read_text()}toolchain: {value}\n")
        return path

    return added


def test_config_yaml_names_toolchains_as_the_option_does(load, config_file):
    load()

    kernels = kernels_of(load_config(config_file('["toy=toycc,other"]')))

    assert {kernel.toolchain.name for kernel in kernels} == {"toycc", "other"}


def test_the_option_comes_before_config_yaml(load, config_file):
    load()

    kernels = kernels_of(load_config(config_file('["toy=toycc,other"]'), Options(toolchain=("toy=plain",))))

    assert {kernel.toolchain.name for kernel in kernels} == {"plain"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("toy=other", "expected a list (such as [a, b]), found 'toy=other'"),
        ("[toy]", "expected LANGUAGE=NAME,NAME such as c=gcc,clang, found 'toy'"),
        ("[toy=icc]", "toy has no toolchain 'icc'; there are toycc, other, plain"),
        ("[cobol=gcc]", "no language 'cobol'; there are toy"),
    ],
)
def test_a_mistake_in_config_yaml_names_file_and_key(load, config_file, value, expected):
    load()
    path = config_file(value)

    with pytest.raises(UsageError) as caught:
        kernels_of(load_config(path))

    assert str(caught.value) == f"{path}: toolchain: {expected}"


def test_the_variable_names_toolchains_one_by_one(load, project, monkeypatch):
    load()
    monkeypatch.setenv("SIXTY_THOUSAND_TOOLCHAIN", "toy=plain,toy=icc")

    with pytest.raises(UsageError, match=r"^SIXTY_THOUSAND_TOOLCHAIN: toy has no toolchain 'icc'; there are toycc"):
        kernels_of(load_config(project / "config.yaml"))


@pytest.mark.parametrize("value", ["c", "c=", "=gcc", "c=,", ""])
def test_an_option_of_another_form_is_a_sentence(project, value):
    with pytest.raises(UsageError, match="--toolchain: expected LANGUAGE=NAME,NAME such as c=gcc,clang, found"):
        load_config(project / "config.yaml", Options(toolchain=(value,)))
