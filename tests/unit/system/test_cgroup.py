"""Test the limits of control groups on recorded trees of both versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.system.cgroup import CgroupLimits, read_limits


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{text}\n")
    return root


def test_limits_of_version_2_are_those_of_the_group_and_of_all_above(tmp_path):
    files = {
        "user.slice/cpu.max": "150000 100000",
        "user.slice/memory.max": "max",
        "user.slice/session/cpu.max": "max 100000",
        "user.slice/session/memory.max": "209715200",
    }

    assert read_limits("0::/user.slice/session\n", write(tmp_path, files)) == CgroupLimits(1.5, 200 * 2**20)


def test_limits_of_version_1_are_in_a_folder_for_each_controller(tmp_path):
    files = {
        "cpu,cpuacct/docker/a/cpu.cfs_quota_us": "50000",
        "cpu,cpuacct/docker/a/cpu.cfs_period_us": "100000",
        "cpu,cpuacct/cpu.cfs_quota_us": "-1",
        "cpu,cpuacct/cpu.cfs_period_us": "100000",
        "memory/docker/a/memory.limit_in_bytes": "9223372036854771712",
        "memory/memory.limit_in_bytes": "1073741824",
    }
    membership = "4:memory:/docker/a\n3:cpu,cpuacct:/docker/a\n0::/\n"

    assert read_limits(membership, write(tmp_path, files)) == CgroupLimits(0.5, 2**30)


def test_a_container_s_own_group_is_the_root_of_its_mount(tmp_path):
    files = {"cpu.max": "200000 100000", "memory.max": "1048576"}

    assert read_limits("0::/../outside\n", write(tmp_path, files)).memory_bytes == 2**20


@pytest.mark.parametrize("membership", ["", "0::/\n", "1:name=systemd:/x\n"])
def test_without_limits_there_are_none(membership, tmp_path):
    assert read_limits(membership, tmp_path) == CgroupLimits(None, None)
