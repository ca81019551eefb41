"""run.json and results.csv: what is written is read back; a damaged run.json is one sentence with file and key."""

from __future__ import annotations

import copy
import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.analysis.compare import compare
from harness.analysis.results import results_of, run_of
from harness.model.counters import CpuCounts
from harness.model.energy import Energy
from harness.model.errors import UsageError
from harness.model.job import Built, Failed, Passed, Provided, Stage
from harness.model.machine import DevicePeak, MachineSnapshot, MachineSnapshots, Peak
from harness.model.result import BuildInfo, Memory, OnDevice, Phases, Quantity, Rate, Row, Status, SteadyState, Variance
from harness.model.run_record import ContainerCost, InputRecord, Noise, Note, RunRecord, SmallestImage
from harness.model.sample import Sample
from harness.report.csv import write_csv
from harness.store.record import read_record, write_record
from harness.store.run_folder import Store
from tests import factories


def finished() -> RunRecord:
    """A run whose record has a value in every field."""
    names = ("x/naive", "x/packed")
    return factories.run_record(
        kernels=tuple(factories.kernel_record(name, source_text="int x;\n") for name in names),
        notes=(Note("no-peak", "the peak was not measured", "install gcc"),),
        toolchains={name: Provided("x 1.0", "an-image", "sha256:0", 10) for name in names},
        built={name: Built(Path("out"), "0" * 64, 10, 1.0, ("cc",)) for name in names},
        checked={names[0]: Passed(10, 0.5, 2.0)},
        failures={names[1]: Failed(Stage.CHECK, "values are wrong", "a log")},
        skips={"y/naive": "this CPU has no avx2"},
        peak=Peak(
            "AVX2", {1: 10.0, 2: 20.0}, {1: 5.0}, {}, {"cuda": DevicePeak("A", {"FMA": 30.0, "mma": 60.0}, 900.0, 0.99)}
        ),
        cpus=(0, 1),
        stages_s={"Measuring": 10.0},
        inputs=InputRecord("float64", 64, 1, "a" * 64, "b" * 64),
        noise=(Noise("other work is running", "stop it"),),
        machine=MachineSnapshots(MachineSnapshot(mhz=2000.0), MachineSnapshot(mhz=2000.0)),
        containers=(ContainerCost("x/naive", "outside the container", 1.0, 0.9, 1.1),),
        smallest=(SmallestImage("x/naive", 10, 5, 0.1, 100),),
        verify_s=1.0,
        launches_s=2.0,
        gaps_ns=(1, 2, 3),
        finished_at="2026-01-02T03:04:05+00:00",
        seconds=12.0,
    )


def samples() -> list[Sample]:
    """Three launches of two calls."""
    return [
        Sample(
            "x/naive", launch, rep, 2, "measure", 4096, 4096, 0, 1, 10**9, "", "", 3 * 10**9, 10**9, 1, 0, 0, 0, launch
        )
        for launch in range(3)
        for rep in range(2)
    ]


def test_a_record_is_read_as_it_was_written(tmp_path):
    write_record(tmp_path, finished())

    assert read_record(tmp_path) == finished_as(read_record(tmp_path))


def finished_as(record: RunRecord) -> RunRecord:
    """The finished run under the id of another: ids are random."""
    return replace(finished(), id=record.id, started_at=record.started_at)


def test_a_run_that_has_just_begun_has_no_keys_of_later_stages(tmp_path):
    write_record(tmp_path, factories.run_record(finished_at=None))

    values = json.loads((tmp_path / "run.json").read_text())

    assert values["format"] == 5 and values["peak"] is None
    assert not {"inputs", "machine", "containers", "smallest", "finished_at"} & values.keys()


def test_the_file_names_its_kernels_by_id(tmp_path):
    write_record(tmp_path, finished())

    kernels = json.loads((tmp_path / "run.json").read_text())["kernels"]

    assert [(kernel["id"], kernel["folder"]) for kernel in kernels] == [("x/naive", "x"), ("x/packed", "x")]


def test_keys_that_have_a_default_may_be_missing(tmp_path):
    write_record(tmp_path, factories.run_record())
    path = tmp_path / "run.json"
    values = json.loads(path.read_text())
    for key in ("gaps_ns", "noise", "stages_s", "verify_s", "peak"):
        values.pop(key, None)
    values["config"].pop("more_kernels")
    path.write_text(json.dumps(values))

    record = read_record(tmp_path)

    assert (record.gaps_ns, record.noise, record.stages_s, record.peak) == ((), (), {}, None)
    assert record.config.more_kernels == ()


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("host", "host: this key is missing"),
        ("config.n", "config.n: this key is missing"),
        ("kernels.0.source_text", "kernels.0.source_text: this key is missing"),
        ("built.x/naive.digest", "built.x/naive.digest: this key is missing"),
    ],
)
def test_a_missing_key_is_named_with_its_file(tmp_path, key, message):
    write_record(tmp_path, finished())
    path = tmp_path / "run.json"
    values = json.loads(path.read_text())
    *parents, last = parts(key)
    del_from(values, parents, last)
    path.write_text(json.dumps(values))

    with pytest.raises(UsageError) as error:
        read_record(tmp_path)

    assert str(error.value) == f"{path}: {message}: not of this format; the file is damaged"


def parts(key: str) -> list[str | int]:
    return [int(part) if part.isdecimal() else part for part in key.split(".")]


def del_from(values, parents, last) -> None:
    for part in parents:
        values = values[part]
    del values[last]


def places(value, path=()) -> list[tuple]:
    """Every place in a JSON value, by its keys."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [path] if path else []
    for key, inner in items:
        found += places(inner, (*path, key))
    return found


@pytest.mark.parametrize("damage", [None, 7, "a word", [], {}, "nothing"])
def test_no_damage_to_any_key_is_a_traceback(tmp_path, damage):
    store = Store.create(tmp_path, finished())
    store.append(samples())
    whole = run_of(store)
    path = store.folder / "run.json"
    values = json.loads(path.read_text())
    for *parents, last in places(values):
        damaged = copy.deepcopy(values)
        inner = damaged
        for part in parents:
            inner = inner[part]
        if damage == "nothing":
            del inner[last]
        else:
            inner[last] = damage
        path.write_text(json.dumps(damaged))
        try:
            results_of(Store.open(store.folder))
            compare(whole, run_of(Store.open(store.folder)))
        except UsageError as error:
            assert str(error).startswith(f"{path}: ") and "\n" not in str(error)


COLUMNS = """
kernel language rung variant toolchain class status reason n rows
threads estimated rounds samples time_s low_s high_s min_s gflops peak_share
fma_peak_multiple speedup speedup_low speedup_high relative_to_c relative_to_c_low relative_to_c_high rank steadiness
between_launches within_launches outliers verified build_s start_s io_s first_call_s cpu_s
processors peak_rss_bytes huge_page_fraction device driver device_s device_peak_share artefact_bytes image_bytes lines
cycles_per_multiply_add instructions_per_multiply_add package_j dram_j gpu_j
""".split()


def measured_row() -> Row:
    """A row with a value in every field."""
    return Row(
        *("x/packed-v", "x", "X", "packed-v", "packed (x), 1 thread", Status.OK, "", 64, 32, 1, True, 9, 3),
        time=Quantity(1.0, 0.9, 1.1),
        min_s=0.8,
        rate=Rate(10.0, 0.5, 2.0),
        speedup=Quantity(3.0, 2.9, 3.1),
        relative_to_c=Quantity(4.0, 3.9, 4.1),
        rank="1=",
        verified=True,
        variance=Variance(0.01, 0.02, 5, SteadyState.TOO_FEW),
        phases=Phases(0.1, 0.2, 0.3, 0.4, 1.5),
        memory=Memory(1000, 0.25),
        device=OnDevice("D", "3.1", 0.75, 0.125),
        build=BuildInfo(6.0, 7, 8, 11),
        toolchain="xcc",
        cpu=CpuCounts({"cycles": 0.25, "instructions": 0.75}, 1.0, {}),
        energy=Energy(12.0, 13.0, 3, False, gpu_j=14.0),
    )


def test_every_value_of_a_row_is_in_its_column(tmp_path):
    write_csv(tmp_path / "results.csv", [measured_row()])

    header, line = csv.reader((tmp_path / "results.csv").read_text().splitlines())

    assert header == COLUMNS
    assert line == [
        *("x/packed-v", "x", "packed", "packed-v", "xcc", "packed (x), 1 thread", "ok", ""),
        *("64", "32", "1", "True", "3", "9"),
        *("1.0", "0.9", "1.1", "0.8", "10.0", "0.5", "2.0", "3.0", "2.9", "3.1", "4.0", "3.9", "4.1", "1="),
        *("too few", "0.01", "0.02", "5", "True", "6.0", "0.1", "0.2", "0.3", "0.4", "1.5", "1000", "0.25"),
        *("D", "3.1", "0.75", "0.125"),
        *("7", "8", "11", "0.25", "0.75", "12.0", "13.0", "14.0"),
    ]


def test_a_row_that_was_not_measured_has_empty_fields_and_whole_numbers_stay_whole(tmp_path):
    failed = replace(
        measured_row(), status=Status.FAILED, time=None, rate=None, speedup=None, relative_to_c=None, memory=Memory()
    )

    write_csv(tmp_path / "results.csv", [failed, measured_row()])

    first, second = csv.DictReader((tmp_path / "results.csv").read_text().splitlines())
    assert [first[name] for name in ("time_s", "low_s", "gflops", "speedup_high", "peak_rss_bytes")] == [""] * 5
    assert (first["status"], second["peak_rss_bytes"], second["lines"]) == ("failed", "1000", "11")
