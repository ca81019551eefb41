"""Test the environment in which toolchains and kernels run on this machine."""

from __future__ import annotations

from pathlib import Path

from harness.execute.native import environment


def test_toolchains_have_a_folder_for_their_caches_without_a_home(monkeypatch):
    monkeypatch.delenv("HOME")
    assert Path(environment()["HOME"]).is_dir()

    monkeypatch.setenv("HOME", "/no/such/folder")
    assert Path(environment()["HOME"]).is_dir()


def test_temporary_files_go_to_a_folder_that_exists(monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert environment()["TMPDIR"] == str(tmp_path)

    monkeypatch.setenv("TMPDIR", "/no/such/folder")
    assert "TMPDIR" not in environment()


def test_only_what_fetches_has_the_user_s_proxy(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy:3128")

    assert environment(fetching=True)["https_proxy"] == "http://proxy:3128"
    assert "https_proxy" not in environment()
