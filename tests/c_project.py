"""A project with two kernels in C, built for any CPU: valgrind knows all of their instructions."""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.util.paths import ROOT
from tests.toy import CONFIG

LANGUAGE = """
name: C
apt: [gcc, libc6-dev]
version: gcc --version
flags: -O2
build: gcc -std=gnu17 {flags} -o {out} {source} driver.c
run: "{out}"
rungs:
  naive: {source: naive.c}
  interchange: {source: interchange.c}
"""
"""The packages are those of the project's own C, so that both have one image."""


def make_c_project(folder: Path) -> Path:
    """Write a config.yaml and the language into the folder, and return the folder."""
    (folder / "config.yaml").write_text(CONFIG.replace("toy/naive", "c/naive"))
    language = folder / "kernels" / "c"
    language.mkdir(parents=True)
    for name in ("driver.c", "driver.h", "naive.c", "interchange.c"):
        shutil.copy(ROOT / "kernels" / "c" / name, language)
    (language / "kernel.yaml").write_text(LANGUAGE)
    return folder
