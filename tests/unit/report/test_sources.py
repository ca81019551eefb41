"""Test sources and their differences as markup."""

from __future__ import annotations

from harness.report.sources import difference, highlighted


def test_sources_are_highlighted_and_escaped():
    text = highlighted("int main(void) { return 1; } // </code><script>\n", "a.c")

    assert '<i class="t">int</i>' in text and '<i class="c">// &lt;/code&gt;&lt;script&gt;\n</i>' in text


def test_source_of_an_unknown_language_is_escaped():
    assert highlighted("<b>", "a.unheard-of") == "&lt;b&gt;"


def test_difference_marks_lines_by_sign_and_element():
    before = "one line\nanother line\na third <b>\n"

    text = difference(before, before.replace("another", "no other"))

    assert text.splitlines()[1:] == [
        " one line",
        "<del>-another line</del>",
        "<ins>+no other line</ins>",
        " a third &lt;b&gt;",
    ]


def test_files_without_a_common_line_have_no_difference():
    assert difference("one line\nanother line\n", "nothing of it\nis here\n") is None
