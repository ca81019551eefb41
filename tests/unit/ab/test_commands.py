"""Test how texts become commands: groups, parameters, a shell where one is needed."""

from __future__ import annotations

import shutil

import pytest

from harness.ab.commands import Request, groups_of, letter, needs_shell, values_of
from harness.model.errors import UsageError


def texts(*texts: str, **fields: object) -> list[list[str]]:
    """Return the texts of the commands, group by group."""
    return [[command.text for command in group.commands] for group in groups_of(Request(texts, **fields), shutil.which)]


def group(*texts: str, **fields: object):
    """Return the only group of a request."""
    [found] = groups_of(Request(texts, **fields), shutil.which)
    return found


def test_two_commands_are_one_group_without_a_shell():
    found = group("echo 'a  b'", "printf c")

    assert [command.words for command in found.commands] == [("echo", "a  b"), ("printf", "c")]
    assert ([command.name for command in found.commands], found.shell) == (["A", "B"], ())


def test_one_command_with_a_list_is_compared_with_its_first_value():
    assert texts("seq {n}", lists={"n": ("1", "2", "3")}) == [["seq 1", "seq 2", "seq 3"]]


def test_several_commands_with_a_list_are_a_group_for_each_value():
    assert texts("seq {n}", "head {n}", lists={"n": ("1", "2")}) == [["seq 1", "head 1"], ["seq 2", "head 2"]]


def test_the_first_list_changes_fastest():
    found = group("echo {a}{b}", lists={"a": ("1", "2"), "b": ("x", "y")})

    assert [command.text for command in found.commands] == ["echo 1x", "echo 2x", "echo 1y", "echo 2y"]
    assert found.commands[1].parameters == {"a": "2", "b": "x"}


def test_values_of_a_list_may_hold_a_comma():
    assert values_of(r"1,2\,5,") == ("1", "2,5", "")


@pytest.mark.parametrize(
    "text",
    [
        "a | b",
        "a > f",
        "a && b",
        "echo $HOME",
        'echo "$HOME"',
        "ls *",
        "ls ~",
        "X=1 env",
        "echo `id`",
        "exit 3",
        "echo 'a",
    ],
)
def test_what_a_shell_interprets_needs_one(text):
    assert needs_shell(text, shutil.which)


@pytest.mark.parametrize(
    "text", ["ls", "build/not-there-yet x", "echo 'a | b'", 'echo "a > b"', r"echo a\|b", "echo c# d~ --x=1", ""]
)
def test_plain_words_need_no_shell(text):
    assert not needs_shell(text, shutil.which)


def test_a_shell_for_one_command_is_a_shell_for_all():
    found = group("echo a", "echo a | cat")

    assert [command.words for command in found.commands] == [
        ("/bin/sh", "-c", "echo a"),
        ("/bin/sh", "-c", "echo a | cat"),
    ]


def test_no_shell_takes_signs_as_words():
    assert group("echo a | b", "echo", shell=()).commands[0].words == ("echo", "a", "|", "b")


def test_a_shell_of_the_user_gets_the_text():
    assert group("echo a", "echo b", shell=("bash", "--norc")).commands[0].words == ("bash", "--norc", "-c", "echo a")


def test_one_preparation_serves_all_commands():
    found = group("echo a", "echo b", prepare=("rm -f x",))

    assert {command.prepare.words for command in found.commands} == {("rm", "-f", "x")}


def test_each_command_may_have_its_preparation():
    found = group("echo a", "echo b", prepare=("true 1", "true 2 >f"))

    assert [command.prepare.words for command in found.commands] == [("true", "1"), ("/bin/sh", "-c", "true 2 >f")]


def test_a_setup_runs_once_for_each_of_its_texts():
    found = group("echo {n}", lists={"n": ("1", "2")}, setup="touch {n}", cleanup="rm x")

    assert [setup.words for setup in found.setups] == [("touch", "1"), ("touch", "2")]
    assert [(cleanup.option, cleanup.text) for cleanup in found.cleanups] == [("--cleanup", "rm x")]


def test_the_file_of_the_output_has_parameters():
    found = group("cp a {f}", lists={"f": ("x", "y")}, output="out/{f}")

    assert [command.output for command in found.commands] == ["out/x", "out/y"]


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (
            Request(("true",)),
            "expected two commands or more, or one with a parameter of several values (-L), found one",
        ),
        (Request(("true {n}",), {"n": ("1",)}), "expected two commands or more"),
        (Request(("true", "false"), {"n": ("1",)}), "-L n: no command has {n}"),
        (Request(("no-such-program x", "true"), shell=()), "no program 'no-such-program', the first word of"),
        (Request(("true 'x", "true"), shell=()), "'true 'x' is no command: no closing quotation"),
        (Request(("", "true")), "expected a command, found an empty text"),
        (
            Request(("true", "true"), prepare=("a", "b", "c")),
            "--prepare: expected one for all commands or one for each",
        ),
        (Request(("true", "true \x1e")), "a command has a control character"),
    ],
)
def test_what_is_no_comparison_is_refused(request_, expected):
    with pytest.raises(UsageError) as error:
        groups_of(request_, shutil.which)

    assert expected in str(error.value)


def test_commands_beyond_the_alphabet_have_names():
    assert [letter(number) for number in (0, 25, 26, 52)] == ["A", "Z", "A1", "A2"]
