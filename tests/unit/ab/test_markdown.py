"""Test a comparison as Markdown."""

from __future__ import annotations

from harness.ab.markdown import ab_markdown
from tests import factories
from tests.unit.ab.example import measured

MACHINE = factories.host(cpu="Toy CPU", processors=4, os="Toy OS")


def paragraphs(*groups, percent=None) -> list[str]:
    return ab_markdown(groups, percent, MACHINE).split("\n\n")


def test_a_table_has_the_figures_of_each_command():
    rows = paragraphs(measured(2))[0].splitlines()

    assert rows[0] == "| command | time | processor time | peak memory |"
    assert rows[2].startswith("| A: true 0 | 20.5 ms (") and rows[3].startswith("| B: true 1 | 41.0 ms (")
    assert all(row.endswith("| 1.00 MiB |") for row in rows[2:])


def test_differences_are_bold_and_what_is_the_same_is_not():
    text = "\n".join(paragraphs(measured(2, 1)))

    assert "**B is slower than A: 2.00" in text and "\nC: no difference seen, " in text


def test_a_regression_is_the_last_word_on_a_group():
    *_, regression, machine = paragraphs(measured(2), percent=10)

    assert (regression, machine) == ("**Slower by more than 10%: B**", "Toy CPU (AVX2), 4 processors, Toy OS")


def test_a_run_that_cannot_be_trusted_says_so_in_bold():
    text = "\n".join(paragraphs(measured(2, control=1.3), percent=10))

    assert "**Control: A against itself " in text and "NOT EQUAL" in text and "**Slower by" not in text


def test_commands_are_shown_as_they_are():
    found = measured(1, texts=("echo a | cat *", "echo `a`"))

    text = "\n".join(paragraphs(found))

    assert r"| A: echo a \| cat \* |" in text and r"| B: echo \`a\` |" in text
    assert "All run in /bin/sh, and its start is part of every time" in text


def test_groups_have_their_parameters():
    groups = [measured(1, texts=("echo {n}", "echo {n} "), lists={"n": (value,)}) for value in "56"]

    assert [part for part in paragraphs(*groups) if part.startswith("**n = ")] == ["**n = 5**", "**n = 6**"]
