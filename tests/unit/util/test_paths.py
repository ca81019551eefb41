"""Test where the project's data, its builds and its reports are."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from harness.model.errors import UsageError
from harness.util.paths import places


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Return the folder of an installed package."""
    (tmp_path / "site-packages" / "harness" / "data").mkdir(parents=True)
    return tmp_path / "site-packages" / "harness"


def test_a_checkout_keeps_everything_in_itself(tmp_path):
    found = places(tmp_path / "harness", {})

    assert (found.installed, found.data) == (False, tmp_path)
    assert (found.builds, found.reports) == (tmp_path / "build", tmp_path / "reports")


def test_an_installed_package_has_its_data_and_reports_in_the_working_folder(package, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    found = places(package, {"HOME": str(tmp_path)})

    assert (found.installed, found.data, found.reports) == (True, package / "data", tmp_path / "reports")


@pytest.mark.parametrize(
    ("cache", "expected"), [("{}/c", "c"), ("", "h/.cache"), ("relative", "h/.cache"), ("/dev/null/c", "h/.cache")]
)
def test_builds_are_in_the_user_s_cache_folder(package, tmp_path, cache, expected):
    environ = {"XDG_CACHE_HOME": cache.format(tmp_path), "HOME": str(tmp_path / "h")}

    found = places(package, environ)

    assert (found.builds, found.note) == (tmp_path / expected / "sixty-thousand", "")


@pytest.mark.parametrize("environ", [{}, {"HOME": ""}, {"HOME": "/dev/null"}])
def test_builds_without_a_home_are_in_a_temporary_folder_with_a_note(package, environ):
    found = places(package, environ)

    assert found.builds == Path(tempfile.gettempdir()) / f"sixty-thousand-{os.getuid()}"
    assert f"builds are kept in {found.builds}" in found.note


def test_a_temporary_folder_of_another_user_is_refused(package, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / f"sixty-thousand-{os.getuid()}").symlink_to(tmp_path)

    with pytest.raises(UsageError, match="belongs to another user; set XDG_CACHE_HOME"):
        places(package, {})
