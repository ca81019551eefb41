"""Test which files a wheel gets from the top of the checkout."""

from __future__ import annotations

import subprocess
from pathlib import Path

from harness.util.paths import ROOT
from tests.needs import need
from tools.wheel_data import DATA, TOP, data_files


def test_they_are_the_files_of_the_repository_but_for_pictures_and_the_manual():
    need((ROOT / ".git").exists(), "a checkout")
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *TOP]
    files = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()

    left_out = (".png", ".1", "example/report.html")
    assert set(data_files(ROOT).values()) == {Path(name) for name in files if not name.endswith(left_out)}


def test_what_compilers_leave_is_not_copied(tmp_path):
    for name in ("kernels/c/naive.c", "kernels/c/naive.o", "kernels/rust/target/x", "kernels/python/__pycache__/x.pyc"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    files = data_files(tmp_path)

    assert DATA / "kernels" / "c" / "naive.c" in files
    assert [name for name in files.values() if name.parts[0] == "kernels"] == [Path("kernels/c/naive.c")]
