"""Test the order of a run's processors on recorded topologies: fast cores first, and one thread on each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from harness.system.topology import Processor, numbers_of, order_processors, performance_cores, read_processor


def processors(*cores: tuple[str, int]) -> list[Processor]:
    """Return the processors of cores, each given by its list of siblings and its speed."""
    return [
        Processor(number, numbers_of(siblings), speed) for siblings, speed in cores for number in numbers_of(siblings)
    ]


CORE_I7_12700 = processors(
    *[(f"{2 * i}-{2 * i + 1}", 4_900_000) for i in range(8)], ("16", 3_600_000), ("17", 3_600_000)
)
EPYC_9654 = processors(*[(f"{i},{96 + i}", 3_707_812) for i in range(96)])
RK3588 = processors(*[(f"{i}", 530) for i in range(4)], *[(f"{i}", 1024) for i in range(4, 8)])
VIRTUAL = processors(("0", 0), ("1", 0))


@pytest.mark.parametrize(
    ("machine", "first"),
    [
        (CORE_I7_12700, [0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15, 16, 17]),
        (EPYC_9654, [*range(96), 96, 97]),
        (RK3588, [4, 5, 6, 7, 0, 1, 2, 3]),
        (VIRTUAL, [0, 1]),
    ],
    ids=["Intel client, hybrid", "AMD server", "arm64, two designs", "virtual machine"],
)
def test_performance_cores_come_first_and_each_has_one_thread_before_any_has_two(machine, first):
    assert order_processors(machine)[: len(first)] == first


def test_sibling_that_a_run_may_not_use_takes_no_place():
    """In a container that has the second thread of each core, these are the first."""
    allowed = [processor for processor in CORE_I7_12700 if processor.number in (1, 2, 3, 5)]

    assert order_processors(allowed) == [1, 2, 5, 3]


def test_processor_is_read_from_the_files_of_the_system(tmp_path):
    folder = tmp_path / "cpu3"
    (folder / "topology").mkdir(parents=True)
    (folder / "cpufreq").mkdir()
    (folder / "topology" / "thread_siblings_list").write_text("3,11\n")
    (folder / "cpufreq" / "cpuinfo_max_freq").write_text("4200000\n")

    assert read_processor(3, tmp_path) == Processor(3, (3, 11), 4_200_000)


def test_processor_of_which_the_system_tells_nothing_is_a_core_of_its_own(tmp_path):
    assert read_processor(5, tmp_path) == Processor(5, (5,), 0)


def write_tree(root: Path, cores: Iterable[tuple[str, dict[str, str]]], designs: dict[str, str] | None = None) -> Path:
    """Write a tree of /sys with cores, each given by its siblings and its files, and Intel's lists of designs."""
    for siblings, files in cores:
        for number in numbers_of(siblings):
            for name, text in {"topology/thread_siblings_list": siblings, **files}.items():
                path = root / "devices" / "system" / "cpu" / f"cpu{number}" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(f"{text}\n")
    for design, cpus in (designs or {}).items():
        (root / "devices" / design).mkdir(parents=True)
        (root / "devices" / design / "cpus").write_text(f"{cpus}\n")
    return root / "devices" / "system" / "cpu"


def read(sysfs: Path, cpuset: str) -> list[Processor]:
    return [read_processor(number, sysfs) for number in numbers_of(cpuset)]


def frequency(khz: int) -> dict[str, str]:
    return {"cpufreq/cpuinfo_max_freq": str(khz)}


ULTRA_9_285K = (
    [(str(i), frequency(5_700_000 if i in (0, 1, 10, 11) else 4_600_000)) for i in range(16)],
    {"cpu_core": "0-1,10-11", "cpu_atom": "2-9,12-15"},
    "0-15",
    [0, 1, 10, 11],
)
"""Cut down to 16: its cores of both kinds alternate, and the slow ones have 81% of the frequency."""

RYZEN_HX_370 = (
    [
        *((f"{i},{12 + i}", frequency(5_157_895)) for i in range(4)),
        *((f"{i},{12 + i}", frequency(3_300_000)) for i in range(4, 12)),
    ],
    {},
    "0-23",
    [0, 1, 2, 3, 12, 13, 14, 15],
)
RYZEN_7950X = (
    [(f"{i},{16 + i}", frequency(5_881_000 if i < 8 else 5_400_000)) for i in range(16)],
    {},
    "0-31",
    [*range(16), *range(16, 32)],
)
"""Half of its cores are clocked higher; all are of one design."""

ARM_BIG_LITTLE = (
    [*((str(i), {"cpu_capacity": "530"}) for i in range(4)), *((str(i), {"cpu_capacity": "1024"}) for i in (4, 5))],
    {},
    "0-5",
    [4, 5],
)
EFFICIENCY_CORES_ALONE = (
    [*((f"{2 * i},{2 * i + 1}", frequency(4_900_000)) for i in range(2)), ("4", frequency(3_600_000))],
    {"cpu_core": "0-3", "cpu_atom": "4"},
    "4",
    [4],
)
SERVER = (
    [*((f"{i},{64 + i}", {}) for i in range(64)), *((str(i), {}) for i in range(128, 131))],
    {},
    "0-3,64-67,130",
    [0, 1, 2, 3, 130, 64, 65, 66, 67],
)
"""A cpuset with gaps, in which four cores have both of their threads, on a machine that does not tell frequencies."""


@pytest.mark.parametrize(
    ("cores", "designs", "cpuset", "performance"),
    [ULTRA_9_285K, RYZEN_HX_370, RYZEN_7950X, ARM_BIG_LITTLE, EFFICIENCY_CORES_ALONE, SERVER],
    ids=["Intel hybrid", "AMD hybrid", "AMD, two dies", "arm64 hybrid", "a cpuset of slow cores", "a cpuset with gaps"],
)
def test_performance_cores_of_a_recorded_tree(cores, designs, cpuset, performance, tmp_path):
    processors = read(write_tree(tmp_path, cores, designs), cpuset)

    assert {processor.number for processor in performance_cores(processors)} == set(performance)
    assert order_processors(processors)[: len(performance)] == performance
    assert sorted(order_processors(processors)) == list(numbers_of(cpuset))
