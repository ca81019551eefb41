"""Test settings by environment variables: an option comes before a variable, and a variable before the file."""

from __future__ import annotations

import pytest

from harness.config.load import Options, load_config
from harness.model.errors import UsageError


def test_variable_takes_the_place_of_the_file(project, monkeypatch):
    monkeypatch.setenv("SIXTY_THOUSAND_N", "96")
    monkeypatch.setenv("SIXTY_THOUSAND_LIMITS_TIMEOUT_S", "7.5")

    config = load_config(project / "config.yaml")

    assert (config.n, config.limits.timeout_s) == (96, 7.5)
    assert config.seed == 1, "other keys stay those of the file"


def test_option_comes_before_the_variable(project, monkeypatch):
    monkeypatch.setenv("SIXTY_THOUSAND_N", "96")

    assert load_config(project / "config.yaml", Options(n=80)).n == 80


@pytest.mark.parametrize(
    ("name", "text", "key", "value"),
    [
        ("ONLY", "toy/*, c/naive", "only", ("toy/*", "c/naive")),
        ("CHECK_SIZES", "1,2,3", "check_sizes", (1, 2, 3)),
        ("PATHS_REPORTS", "060", "reports_dir", "060"),
        ("THREADS", "1", "threads", 1),
        ("SEED", "1_000", "seed", 1000),
        ("EFFORT", "thorough", "effort", "thorough"),
    ],
)
def test_value_is_read_as_its_key_wants_it(project, monkeypatch, name, text, key, value):
    monkeypatch.setenv(f"SIXTY_THOUSAND_{name}", text)

    found = getattr(load_config(project / "config.yaml"), key)

    assert (found.name if key == "reports_dir" else found) == value


def test_variable_can_give_a_key_that_the_file_lacks(project, monkeypatch):
    path = project / "config.yaml"
    path.write_text(path.read_text().replace("n: 64\n", "").replace("quick: {n: 32}\n", ""))
    monkeypatch.setenv("SIXTY_THOUSAND_N", "48")
    monkeypatch.setenv("SIXTY_THOUSAND_QUICK_N", "24")

    assert load_config(path).n == 48
    assert load_config(path, Options(quick=True)).n == 24


def test_empty_variable_counts_as_unset(project, monkeypatch):
    monkeypatch.setenv("SIXTY_THOUSAND_N", "")

    assert load_config(project / "config.yaml").n == 64


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("N", "many", "SIXTY_THOUSAND_N: expected a whole number, found 'many'"),
        ("N", "0", "SIXTY_THOUSAND_N: input should be greater than or equal to 1, found 0"),
        ("BACKEND", "podman", "SIXTY_THOUSAND_BACKEND: input should be 'auto', 'docker' or 'native', found 'podman'"),
        ("CHECK_SIZES", "1,x", "SIXTY_THOUSAND_CHECK_SIZES: expected a whole number, found 'x'"),
        ("LIMITS_PROCESSES", "*a", "SIXTY_THOUSAND_LIMITS_PROCESSES: expected a whole number, found '*a'"),
        ("THREADS", "100000", "SIXTY_THOUSAND_THREADS: expected all or 1 to "),
        ("PATHS_KERNELS", "nowhere", "SIXTY_THOUSAND_PATHS_KERNELS: no such folder: "),
        ("M", "5", "SIXTY_THOUSAND_M: no such setting; there are SIXTY_THOUSAND_N, "),
        ("QUICK", "1", "SIXTY_THOUSAND_QUICK: no such setting; there are "),
    ],
)
def test_mistake_is_told_with_the_name_of_the_variable(project, monkeypatch, name, text, expected):
    monkeypatch.setenv(f"SIXTY_THOUSAND_{name}", text)

    with pytest.raises(UsageError) as refused:
        load_config(project / "config.yaml")

    assert str(refused.value).startswith(expected)
