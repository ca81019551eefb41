"""Test how jobs are written for the launcher."""

from __future__ import annotations

import os
import subprocess
import sys

from harness.execute import launcher
from harness.model.job import Job


def test_a_path_that_is_not_utf_8_reaches_the_job_as_it_is(tmp_path):
    """By the launcher for machines without a C compiler, which decodes what is written."""
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    job = Job(("touch", str(folder / "made")), str(folder), str(folder / "out"), str(folder / "err"), 60, 2**20)
    (tmp_path / "jobs").write_bytes(launcher.encode([job]))
    cpu = str(min(os.sched_getaffinity(0)))
    command = ["env", "-i", "LANG=C.UTF-8", sys.executable, "-I", "-S", launcher.FALLBACK, cpu, "as-is", "-"]

    done = subprocess.run([*command, tmp_path / "jobs"], capture_output=True, check=True)

    assert launcher.decode(done.stdout, [job], "")[0].ok
    assert (folder / "made").exists()
