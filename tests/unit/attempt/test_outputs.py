"""The entries of a folder as a table, a page, a CSV file and a document."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from html.parser import HTMLParser

import jsonschema
import pytest

from harness.attempt.confinement import DOCKER, NATIVE
from harness.attempt.csv import csv_text
from harness.attempt.documents import in_order
from harness.attempt.outcome import Tried
from harness.attempt.page import page
from harness.attempt.text import table_lines
from harness.attempt.verdict import Verdict
from harness.cli.documents import document_text, schema
from harness.model.config import Backend
from tests.attempts import HOSTILE, LIE, WRONG, document, right


class Page(HTMLParser):
    """The rows of the table of entries, and the tags of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.rows, self.ids = [], 0, set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.rows += tag == "tr" and "data-verdict" in dict(attrs)
        self.ids.add(dict(attrs).get("id"))


def test_fastest_entry_comes_first_and_failures_last():
    entries = in_order([LIE, WRONG, right("b", 2, "2"), Tried("c", Verdict.RIGHT), right("a", 1, "1")])

    assert [entry.name for entry in entries] == ["a", "b", "c", "bob.c", "eve.c"]


def test_table_has_times_places_reasons_and_seed():
    text = "\n".join(table_lines(document()))

    assert text.startswith("class: 4 entries: 2 right, 1 wrong, 1 implausible; n = 1024, 2 threads at most, docker")
    assert "1=    ada.c  C         500 ms −10% +10%  2.00" in text
    assert "above c/naive, level with c/interchange, below c/packed" in text
    assert "bob.c: wrong: 4 of 4 values are wrong" in text
    assert "eve.c: implausible (clock): clock: it reported less" in text
    assert DOCKER in text and "docs/lies.md" in text and "--seed 7 makes the same again" in text


def test_interrupted_attempt_says_so():
    assert table_lines(document(finished=False))[0].startswith("Interrupted. class: 4 entries")


def test_page_says_what_is_not_contained_natively():
    assert NATIVE.replace("'", "&#39;") in page(document(backend=Backend.NATIVE))


def test_page_has_a_row_for_each_entry_and_the_case():
    text = page(document())

    assert Page(text).rows == 4
    assert "A = [[&lt;1&gt;]]" in text and "docs/lies.md" in text
    assert text.count("Other rungs, roughly: c/tiled 350 ms; each from one short launch") == 2


def test_names_do_no_harm_on_the_page_or_in_a_spreadsheet():
    entries = (right(HOSTILE, 1, "1"), replace(WRONG, name="@" + HOSTILE, reason="+" + HOSTILE))

    text, lines = page(document(*entries)), csv_text(document(*entries))

    assert Page(text).tags.count("script") == 1 and Page(text).rows == 2
    rows = list(csv.DictReader(lines.splitlines()))
    assert [row["entry"] for row in rows] == ["'" + HOSTILE, "'@" + HOSTILE] and rows[1]["reason"] == "'+" + HOSTILE


def test_csv_has_a_line_for_each_entry():
    rows = {row["entry"]: row for row in csv.DictReader(csv_text(document()).splitlines())}

    assert (rows["ada.c"]["verdict"], rows["ada.c"]["rank"], rows["ada.c"]["shared"]) == ("right", "1", "yes")
    assert float(rows["ada.c"]["time_s"]) == 0.5 and rows["ada.c"]["estimated"] == "no"
    assert (rows["eve.c"]["verdict"], rows["eve.c"]["code"]) == ("implausible", "clock")
    assert rows["bob.c"]["time_s"] == ""


@pytest.mark.parametrize("name", ["my.c", HOSTILE, r"\udce9"])
def test_document_is_valid_by_its_schema(name):
    text = document_text(document(right(name, 1, "1"), WRONG))

    jsonschema.validate(json.loads(text), schema("try"))
    assert [entry["name"] for entry in json.loads(text)["entries"]] == [name, "bob.c"]
