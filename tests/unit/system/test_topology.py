"""Test the order of a run's processors on recorded topologies: two threads never share a core that could be spared."""

from __future__ import annotations

import pytest

from harness.system.topology import Processor, numbers_of, order_processors, read_processor


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
        (CORE_I7_12700, [0, 2, 4, 6, 8, 10, 12, 14, 16, 17, 1, 3]),
        (EPYC_9654, [*range(96), 96, 97]),
        (RK3588, [4, 5, 6, 7, 0, 1, 2, 3]),
        (VIRTUAL, [0, 1]),
    ],
    ids=["Intel client, hybrid", "AMD server", "arm64, two designs", "virtual machine"],
)
def test_each_core_has_one_thread_before_any_has_two(machine, first):
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
