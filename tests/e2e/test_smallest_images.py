"""The smallest containers: one for each of the six languages, made by kernel.yaml alone, verified and measured."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.execute.docker import DockerExecutor
from harness.measure.smallest_image import measure_smallest
from harness.model.kernel import Kernel, Minimal
from harness.model.run_record import SmallestImage
from harness.system import host

pytestmark = pytest.mark.docker
CONFIG = load_config()
NAIVE = {kernel.language: kernel for kernel in load_kernels(CONFIG.kernels_dir) if kernel.variant == "naive"}


def smallest(kernel: Kernel, tmp_path) -> SmallestImage:
    executor = DockerExecutor(CONFIG.build_dir, CONFIG.limits)
    [found] = measure_smallest([kernel], executor, CONFIG, tmp_path, host.usable_cpus(1))
    return found


@pytest.mark.parametrize("language", sorted(NAIVE))
def test_every_language_has_a_container_of_its_kernel_alone(language, engine, tmp_path):
    found = smallest(NAIVE[language], tmp_path)
    assert not found.reason
    assert found.kernel == f"{language}/naive"
    assert found.program_bytes <= found.image_bytes < found.program_bytes + 2**16
    assert 0 < found.start_s < 60 and 2**16 < found.resident_bytes < 2**29


def test_a_container_that_lacks_a_loader_has_a_reason(engine, tmp_path):
    build = ("mkdir {out}", "gcc -std=gnu17 -O2 -o {out}/naive {source} driver.c")  # not static: no loader is there
    found = smallest(replace(NAIVE["c"], minimal=Minimal(build, "/naive")), tmp_path)
    assert found.image_bytes is None and "exited with status 127" in found.reason


def test_a_container_whose_kernel_is_wrong_has_a_reason(engine, tmp_path):
    build = (
        "mkdir {out}",
        "sh -c \"sed 's/total +=/total -=/' naive.c > {deps}/wrong.c\"",
        "gcc -std=gnu17 -O2 -static -I . -o {out}/naive {deps}/wrong.c driver.c",
    )
    found = smallest(replace(NAIVE["c"], minimal=Minimal(build, "/naive")), tmp_path)
    assert found.image_bytes is None and "values are wrong" in found.reason


def test_a_language_without_a_recipe_has_none(tmp_path):
    executor = DockerExecutor(CONFIG.build_dir, CONFIG.limits)
    assert measure_smallest([replace(NAIVE["c"], minimal=None)], executor, CONFIG, tmp_path, (0,)) == []
