"""Test how runs are found, and how their hosts are named."""

from __future__ import annotations

import pytest

from harness.hosts import read
from harness.hosts.hosts_file import HostEntry, HostsFile
from harness.hosts.read import read_hosts, run_folders
from harness.model.errors import UsageError
from tests import factories


def stored(folder, number, n=64):
    """Store a run of one kernel without samples, and return its folder."""
    config = factories.config(n=n)
    kernels = (factories.kernel_record("x/naive", "int x;\n"),)
    return factories.store(folder, id=f"2026010{number}T030405Z-beef", config=config, kernels=kernels).folder


@pytest.fixture
def collection(tmp_path):
    """Return a collection of two hosts, and a run of a third that does not hold."""
    for number, host in enumerate(["a", "b", "refused/c"], 1):
        stored(tmp_path / host, number)
    (tmp_path / "hosts.json").write_text("{}")
    return tmp_path


def test_a_collection_stands_for_its_runs_that_hold(collection):
    folders = run_folders(collection, [str(collection)])

    assert [host.name for host in read_hosts(folders, HostsFile(), None)] == ["a", "b"]


def test_a_run_that_was_copied_by_hand_has_its_name_from_the_file(tmp_path):
    folder = stored(tmp_path, 1)
    file = HostsFile(hosts={"desk": HostEntry(price_per_hour=0.5, runs=[folder.name])})

    [named] = read_hosts([folder], file, None)
    [unnamed] = read_hosts([folder], HostsFile(), None)

    assert (named.name, named.price_per_hour, unnamed.name) == ("desk", 0.5, folder.name)


def test_many_runs_are_read_by_several_processes_alike(collection, monkeypatch):
    folders = run_folders(collection, [str(collection)])
    one_by_one = read_hosts(folders, HostsFile(), None)

    monkeypatch.setattr(read, "MIN_PARALLEL", 2)

    assert read_hosts(folders, HostsFile(), None) == one_by_one


def test_runs_of_two_sizes_are_refused(tmp_path):
    folders = [stored(tmp_path, 1), stored(tmp_path, 2, n=128)]

    with pytest.raises(UsageError, match="expected runs of one n, found n = 64, 128"):
        read_hosts(folders, HostsFile(), None)


def test_a_price_of_an_unknown_host_is_a_mistake(collection):
    file = HostsFile(hosts={"z": HostEntry(price_per_hour=1.0)})

    with pytest.raises(UsageError, match=r"hosts\.yaml: hosts\.z: no run is of this host; there are a, b"):
        read_hosts(run_folders(collection, [str(collection)]), file, "hosts.yaml")


def test_a_host_with_two_runs_is_named_with_each(collection):
    stored(collection / "a", 4)

    hosts = read_hosts(run_folders(collection, [str(collection)]), HostsFile(), None)

    assert [host.name for host in hosts] == ["a (20260101T030405Z-beef)", "a (20260104T030405Z-beef)", "b"]
