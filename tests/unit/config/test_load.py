"""Test config.yaml: every mistake is named, all at once, with the file and the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.config.load import Options, load_config
from harness.model.errors import UsageError
from harness.util.paths import ROOT
from tests.toy import CONFIG


def mistakes(path: Path, options: Options | None = None) -> str:
    with pytest.raises(UsageError) as caught:
        load_config(path, options)
    return str(caught.value)


def test_defaults_are_those_of_config_yaml():
    config = load_config()

    assert (config.n, config.backend, config.baseline) == (4096, "auto", "python/naive")
    assert config.check_sizes == (1, 2, 3, 17, 64, 100, 257)


def test_quick_changes_n_and_the_rounds(project):
    config = load_config(project / "config.yaml", Options(quick=True))

    assert (config.n, config.effort, config.rounds) == (32, "quick", 3)


def test_command_line_overrides_quick(project):
    assert load_config(project / "config.yaml", Options(quick=True, n=48)).n == 48


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("n: 64\n", "n: big\n", "config.yaml: n: expected a whole number, found 'big'"),
        ("n: 64\n", "n: 0\n", "config.yaml: n: input should be greater than or equal to 1, found 0"),
        ("n: 64\n", "n: 40000\n", "config.yaml: n: input should be less than or equal to 32768, found 40000"),
        ("n: 64\n", "", "config.yaml: n: this key is missing"),
        ("n: 64\n", "n: 64\nsize: 3\n", "config.yaml: size: unknown key"),
        ("n: 64\n", "n: 64\nn: 65\n", "the key 'n' is given twice"),
        ("n: 64\n", "n: true\n", "config.yaml: n: expected a whole number, found True"),
        ("threads: 2", "threads: 0", "config.yaml: threads: "),
        ("threads: 2", "threads: 99999", "config.yaml: threads: expected all or 1 to "),
        ("backend: native", "backend: podman", "config.yaml: backend: "),
        (
            "memory_gib: 2",
            "memory_gib: two",
            "config.yaml: limits.memory_gib: expected a number, found 'two'",
        ),
        ("[1, 2, 3, 17]", "[1, 0]", "config.yaml: check_sizes.1: "),
        ("kernels: kernels", "kernels: nowhere", "config.yaml: paths.kernels: no such folder"),
        ("n: 64", "n: [", "not valid YAML"),
        ("n: 64", "n: 64\nonly: [*/naive]", "(put a text that begins with * in quotes)"),
        ("timeout_s: 60", "timeout_s: .inf", "config.yaml: limits.timeout_s: "),
        ("n: 64", "n: 1e1", "config.yaml: n: expected a whole number, found 10.0"),
    ],
)
def test_mistake_is_named_with_its_file_and_key(project, before, after, expected):
    path = project / "config.yaml"
    assert before in CONFIG
    path.write_text(CONFIG.replace(before, after, 1))

    assert expected in mistakes(path)


def test_all_mistakes_are_named_at_once(project):
    path = project / "config.yaml"
    path.write_text(CONFIG.replace("n: 64", "n: big\nsize: 3", 1).replace("seed: 1", "seed: -1"))

    text = mistakes(path)

    assert len(text.splitlines()) == 3
    assert all(f"config.yaml: {key}: " in text for key in ("n", "size", "seed"))


def test_more_memory_than_the_machine_has_is_refused(project):
    assert "GiB of memory" in mistakes(project / "config.yaml", Options(n=32768))


def test_numbers_are_what_people_read(project):
    """YAML 1.1 reads 060 as 48 and 1e1 as a text."""
    config = project / "config.yaml"
    config.write_text(CONFIG.replace("n: 64\n", "n: 060\n", 1).replace("timeout_s: 60", "timeout_s: 1e1", 1))

    loaded = load_config(config)

    assert (loaded.n, loaded.limits.timeout_s) == (60, 10)


def test_a_merge_key_takes_another_section_s_keys(project):
    config = project / "config.yaml"
    limits = "limits: {memory_gib: 2, processes: 128, timeout_s: 60, build_timeout_s: 60}"
    assert limits in CONFIG
    merged = "limits:\n  <<: &limits {memory_gib: 2, processes: 128, timeout_s: 60}\n  build_timeout_s: 60"
    config.write_text(CONFIG.replace(limits, merged))

    assert load_config(config).limits.processes == 128


def test_a_copy_of_config_yaml_names_the_project_s_own_folders(tmp_path):
    (tmp_path / "config.yaml").write_text((ROOT / "config.yaml").read_text())

    copied, own = load_config(tmp_path / "config.yaml"), load_config()

    assert copied.kernels_dir == own.kernels_dir == ROOT / "kernels"
    assert (copied.build_dir, copied.reports_dir) == (own.build_dir, own.reports_dir)


def test_more_is_the_project_s_own_where_the_working_folder_has_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load_config(options=Options(kernels=(Path("more"),))).more_kernels == (ROOT / "more",)

    (tmp_path / "more").mkdir()
    assert load_config(options=Options(kernels=(Path("more"),))).more_kernels == (tmp_path / "more",)
