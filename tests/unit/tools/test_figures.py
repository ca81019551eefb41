"""Test how measured figures are written between their markers."""

from __future__ import annotations

import pytest

from harness.util.paths import ROOT
from tests.documents import sections
from tools import figures


@pytest.mark.parametrize("name", figures.PAGES)
def test_section_is_written_and_nothing_else_changes(name, tmp_path):
    page = tmp_path / figures.PAGES[name]
    page.parent.mkdir(exist_ok=True)
    before = (ROOT / figures.PAGES[name]).read_text()
    page.write_text(before)
    [old] = [text for _, section, text in sections() if section == name]

    figures.write_section(name, "new \\1 text", root=tmp_path)

    assert page.read_text() == before.replace(old, "new \\1 text\n")


def test_page_without_markers_is_refused(tmp_path):
    (tmp_path / "README.md").write_text("no markers")

    with pytest.raises(ValueError, match="no markers for answer"):
        figures.write_section("answer", "text", root=tmp_path)
