"""Test the command line of `hosts`: what it refuses, in one sentence, before anything is written."""

from __future__ import annotations

import pytest

from harness.hosts.attempt import host_name
from harness.hosts.command import login_of, ssh_hosts
from harness.model.errors import UsageError
from tests.command import invoke

pytest.importorskip("distributed")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "hosts run: expected one of --scheduler, --ssh and --slurm"),
        (["--scheduler", "x", "--ssh", "y"], "hosts run: expected one of --scheduler, --ssh and --slurm"),
        (["--scheduler", "x", "--sbatch=--time=1"], "--sbatch: expected together with --slurm"),
        (["--scheduler", "x", "--silence", "0"], "--silence: expected seconds above 0, found 0"),
        (["--scheduler", "x", "--", "--out", "y"], "--out: expected before '--'"),
    ],
)
def test_wrong_usage_of_run_is_a_sentence(words, sentence, tmp_path):
    done = invoke("hosts", "run", "--out", str(tmp_path / "out"), *words)

    assert done.returncode == 2 and sentence in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "address", "ip", "expected"),
    [
        ("small", "tcp://10.0.0.1:99", "10.0.0.1", "small"),
        ("tcp://10.0.0.1:99", "tcp://10.0.0.1:99", "10.0.0.1", "10.0.0.1"),
        ("0", "tcp://10.0.0.1:99", "10.0.0.1", "10.0.0.1"),
        ("../../x y", "tcp://10.0.0.1:99", "10.0.0.1", "x-y"),
    ],
)
def test_a_host_has_the_name_of_its_worker_or_its_address(name, address, ip, expected):
    assert host_name(name, address, ip).strip("-") == expected


def test_hosts_of_ssh_are_lines_without_comments(tmp_path):
    (tmp_path / "hosts.txt").write_text("# ours\na\n\nuser@b # the second\n")
    (tmp_path / "empty.txt").write_text("# none\n")

    assert ssh_hosts(tmp_path / "hosts.txt") == ["a", "user@b"]
    with pytest.raises(UsageError, match="expected a host in each line, found none"):
        ssh_hosts(tmp_path / "empty.txt")


@pytest.mark.parametrize(
    ("host", "login"),
    [
        ("a", {"host": "a"}),
        ("user@b:2222", {"host": "b", "username": "user", "port": 2222}),
        ("fe80::1", {"host": "fe80::1"}),
    ],
)
def test_a_host_of_ssh_may_have_a_user_and_a_port(host, login):
    assert login_of(host) == login


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("hosts: {a: {price_per_hour: 0}}", "hosts.a.price_per_hour: "),
        ("hosts: {a: {price: 1}}", "hosts.a.price: unknown key"),
        ("format: 2", "format: this version of the harness reads format 1"),
    ],
)
def test_a_mistake_in_hosts_yaml_is_named(text, sentence, tmp_path):
    (tmp_path / "hosts.yaml").write_text(text)

    done = invoke("hosts", "page", "x", "--hosts", str(tmp_path / "hosts.yaml"))

    assert done.returncode == 2 and f"{tmp_path / 'hosts.yaml'}: {sentence}" in done.stderr
