"""Test that the setting of huge pages is changed for a while, and restored."""

from __future__ import annotations

import pytest

from harness.model.errors import UsageError
from harness.system import huge_pages
from harness.system.huge_pages import huge_pages_for_all


@pytest.fixture
def setting(tmp_path, monkeypatch):
    """Return the file of the setting, which stands in for the kernel's."""
    path = tmp_path / "enabled"
    path.write_text("always [madvise] never\n")
    monkeypatch.setattr(huge_pages, "_HUGE_PAGES", path)
    return path


def test_setting_is_untouched_unless_huge_pages_are_wanted(setting):
    with huge_pages_for_all(False):
        assert setting.read_text() == "always [madvise] never\n"


def test_setting_is_restored_after_an_error(setting):
    """Huge pages are for all inside the context, and as they were after it, however it ends."""
    with pytest.raises(ZeroDivisionError), huge_pages_for_all(True):
        assert setting.read_text() == "always"
        raise ZeroDivisionError

    assert setting.read_text() == "madvise"


def test_setting_that_cannot_be_changed_is_bad_usage(setting, monkeypatch):
    monkeypatch.setattr(huge_pages, "_HUGE_PAGES", setting.parent / "none" / "enabled")

    with pytest.raises(UsageError, match=r"--pages huge: .* cannot be changed"), huge_pages_for_all(True):
        pass
