"""Exports: every value is a sample's, no estimate passes as a measurement, and the real readers take the files."""

from __future__ import annotations

import json
import os
import stat
import statistics
import subprocess
import sys
import threading
from dataclasses import replace

import pyperf
import pytest

from harness.config.kernels import load_kernels
from harness.export import FORMATS, exported, write
from harness.model.errors import HarnessError
from harness.model.result import Results, Row
from harness.model.sample import Sample
from harness.store.record import config_facts, kernel_facts
from harness.store.run_folder import Store
from tests.command import harness
from tests.toy import add_rung

FACTS = {
    "id": "20260102T030405Z-beef",
    "started_at": "2026-01-02T03:04:05+00:00",
    "harness_version": "1.2.3",
    "backend": {"name": "native", "why": "asked for"},
    "host": {
        "cpu": "Toy CPU",
        "processors": 4,
        "mhz_at_start": "2596.142",
        "governor": "powersave",
        "load_at_start": 0.25,
    },
    "toolchains": {"toy/interchange": {"version": "toycc 14.2\nCopyright"}, "toy/naive": {"version": "Toy 3"}},
}
NAMES = ["toy/naive/64 (estimated)", "toy/interchange/64", "toy/divide/64", "toy/packed/64"]
STEADY_NS = [4_000_001, 4_000_003, 4_000_007, 4_000_005]
ESTIMATE_S = 0.123456789
ESTIMATED = "estimated from the first 16 of 64 rows"


def launch(kernel: str, number: int, times_ns: list[int], purpose: str = "measure", **more) -> list[Sample]:
    base = Sample(
        kernel=kernel,
        launch=number,
        rep=0,
        reps=len(times_ns),
        purpose=purpose,
        n=64,
        rows=64,
        row0=0,
        threads=2,
        ns=0,
        sha256="",
        started_at=f"2026-01-02T03:05:{number:02d}.000+00:00",
        launch_wall_ns=50_000_000,
        launch_cpu_ns=60_000_000,
        peak_rss_bytes=7_000_000 + number,
        minor_faults=0,
        major_faults=0,
        involuntary_switches=0,
    )
    return [replace(base, rep=rep, ns=ns, **more) for rep, ns in enumerate(times_ns)]


SAMPLES = {
    "toy/naive": [
        *launch("toy/naive", 0, [770_001], "pilot", rows=2),
        *launch("toy/naive", 1, [880_002, 880_003], rows=4, launch_wall_ns=40_000_000, launch_cpu_ns=30_000_000),
        *launch("toy/naive", 2, [990_004, 990_005], rows=16, launch_wall_ns=60_000_000, launch_cpu_ns=70_000_000),
    ],
    "toy/interchange": [
        *launch("toy/interchange", 3, [660_006], "start", rows=1),
        *launch("toy/interchange", 4, [5_500_007], "pilot"),
        *launch("toy/interchange", 5, [9_000_000, *STEADY_NS[:2]], launch_cpu_ns=12_000_000),
        *launch("toy/interchange", 7, [8_000_000, *STEADY_NS[2:]], launch_cpu_ns=15_000_000),
        *launch("toy/interchange", 8, [5_500_008], "audit"),
    ],
    "toy/divide": [
        *launch("toy/divide", 9, [3_000_001], rows=40, peak_rss_bytes=111),
        *launch("toy/divide", 10, [2_000_002], rows=24, row0=40, peak_rss_bytes=222),
    ],
    "toy/packed": launch("toy/packed", 11, [1_000_001]),
    "toy/vector": launch("toy/vector", 12, [1_000_002]),
}


def row(kernel: str, **more) -> Row:
    language, rung = kernel.split("/")
    base = Row(kernel, language, "Toy", rung, f"{rung}, 2 threads", "ok", "", 64, 64, 2, False, 1)
    return replace(base, **more)


ROWS = [
    row("toy/naive", rows=16, estimated=True, median_s=ESTIMATE_S, low_s=0.1, high_s=0.2, peak_rss_bytes=5_000),
    row(
        "toy/interchange",
        median_s=0.004000004,
        low_s=0.004000001,
        high_s=0.004000007,
        peak_rss_bytes=7_000_008,
        artefact_bytes=4_096,
        build_s=1.5,
    ),
    row("toy/divide", median_s=0.005000003),
    row("toy/packed", median_s=0.001000001),
    row("toy/vector", status="failed", reason="claims: clock: says less than its launches took"),
    row("toy/engine", status="skipped", reason="this CPU has no avx512f"),
    row("toy/library", status="unmeasured", reason="the run ended before it was measured"),
]


@pytest.fixture
def results(config) -> Results:
    return Results(FACTS, config, ROWS, (), config.reports_dir / FACTS["id"], SAMPLES, None)


@pytest.fixture
def read(results):
    """What a reader of a format finds in the text that is exported."""
    return lambda name: json.loads(exported(name, results))


def by_name(benchmarks: list[dict], key: str = "name") -> dict[str, list[dict]]:
    found = {}
    for benchmark in benchmarks:
        found.setdefault(benchmark[key], []).append(benchmark)
    return found


def names_in(name: str, value) -> list[str]:
    """The benchmarks of an export that have a time, in order."""
    if name == "bmf":
        return list(value)
    if name == "hyperfine":
        return [result["command"] for result in value["results"]]
    if name == "pyperf":
        return [benchmark["metadata"]["name"] for benchmark in value["benchmarks"]]
    if name == "google-benchmark":
        timed = [b for b in value["benchmarks"] if b["run_type"] == "iteration" and "error_occurred" not in b]
        return list(by_name(timed))
    return [entry["name"] for entry in value]


def values_in(name: str, value) -> dict[str, list[float]]:
    """All values of each benchmark, in the format's own unit."""
    if name == "hyperfine":
        return {result["command"]: result["times"] for result in value["results"]}
    if name == "pyperf":
        return {b["metadata"]["name"]: [v for run in b["runs"] for v in run["values"]] for b in value["benchmarks"]}
    if name == "google-benchmark":
        runs = by_name([b for b in value["benchmarks"] if b["run_type"] == "iteration"])
        return {benchmark: [run["real_time"] for run in found] for benchmark, found in runs.items()}
    if name == "bmf":
        return {benchmark: [measures["latency"]["value"]] for benchmark, measures in value.items()}
    return {entry["name"]: [entry["value"]] for entry in value}


@pytest.mark.parametrize(("name", "unit_ns"), [("hyperfine", 1e9), ("pyperf", 1e9), ("google-benchmark", 1)])
def test_the_values_are_the_steady_calls_in_the_order_of_the_launches(read, name, unit_ns):
    values = values_in(name, read(name))
    assert values["toy/interchange/64"] == [ns / unit_ns for ns in STEADY_NS]
    assert values["toy/packed/64"] == [1_000_001 / unit_ns], "a launch's only call counts"


@pytest.mark.parametrize(("name", "unit_ns"), [("hyperfine", 1e9), ("pyperf", 1e9), ("google-benchmark", 1)])
def test_blocks_of_rows_are_one_value_their_sum(read, name, unit_ns):
    assert values_in(name, read(name))["toy/divide/64"] == [5_000_003 / unit_ns]


@pytest.mark.parametrize("name", FORMATS)
def test_kernels_without_a_time_are_left_out(read, name):
    assert names_in(name, read(name)) == NAMES


@pytest.mark.parametrize("name", FORMATS)
def test_an_estimate_is_named_one_and_is_a_single_value(read, name):
    value = read(name)
    (estimate,) = values_in(name, value)[NAMES[0]]
    in_seconds = name not in ("google-benchmark", "bmf")
    assert estimate == (ESTIMATE_S if in_seconds else 123_456_789)
    if name != "bmf":  # which has no place for words
        assert ESTIMATED in json.dumps(value)


@pytest.mark.parametrize("name", FORMATS)
def test_no_time_of_some_rows_and_of_no_other_purpose_is_exported(read, name):
    text = json.dumps(read(name))
    for ns in (770_001, 880_002, 880_003, 990_004, 990_005, 660_006, 5_500_007, 5_500_008, 1_000_002):
        assert str(ns) not in text and str(ns / 1e9) not in text


@pytest.mark.parametrize("name", ["hyperfine", "google-benchmark", "pyperf", "github-action-benchmark"])
def test_the_file_tells_run_machine_and_toolchain(read, name):
    text = json.dumps(read(name))
    for known in (FACTS["id"], "1.2.3", "native", "Toy CPU", "toycc 14.2 Copyright"):
        assert known in text


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_not_known_of_a_run_is_left_out(config, name):
    results = Results({}, config, ROWS, (), config.reports_dir, SAMPLES, None)
    text = exported(name, results)
    assert names_in(name, json.loads(text)) == NAMES
    assert "None" not in text and "harness_version" not in text
    if name == "pyperf":
        assert len(pyperf.BenchmarkSuite.loads(text)) == 4


@pytest.mark.parametrize("name", FORMATS)
def test_a_run_of_which_nothing_was_measured_is_refused(config, name):
    results = Results(FACTS, config, ROWS[4:], (), config.reports_dir, SAMPLES, None)
    with pytest.raises(HarnessError, match="no kernel of this run was measured"):
        exported(name, results)


def test_hyperfine_s_statistics_are_those_of_its_times(read):
    results = {result["command"]: result for result in read("hyperfine")["results"]}
    times = [ns / 1e9 for ns in STEADY_NS]
    whole = results["toy/interchange/64"]
    assert (whole["mean"], whole["median"]) == (statistics.fmean(times), statistics.median(times))
    assert (whole["stddev"], whole["min"], whole["max"]) == (statistics.stdev(times), 0.004000001, 0.004000007)
    assert whole["exit_codes"] == [0, 0, 0, 0]
    assert whole["user"] + whole["system"] == pytest.approx((12e-3 / 3 + 15e-3 / 3) / 2), "a launch's, for each call"
    assert results["toy/packed/64"]["stddev"] is None
    for result in results.values():  # what typed readers need to be there, and to be numbers
        assert all(isinstance(result[key], float) for key in ("mean", "median", "user", "system", "min", "max"))
        assert len(result["times"]) == len(result["exit_codes"])
        assert all(isinstance(value, str) for value in result["parameters"].values())
    assert whole["parameters"]["n"] == "64" and whole["parameters"]["threads"] == "2"
    assert "estimated" not in whole["parameters"]
    estimated = results[NAMES[0]]
    assert (estimated["parameters"]["low_s"], estimated["parameters"]["high_s"]) == ("0.1", "0.2")
    assert estimated["user"] == pytest.approx(ESTIMATE_S), "its launches' processor time is as long as their wall time"


def test_google_benchmark_has_repetitions_and_their_aggregates(read):
    found = by_name(read("google-benchmark")["benchmarks"])
    repetitions = found["toy/interchange/64"]
    assert [run["repetition_index"] for run in repetitions] == [0, 1, 2, 3]
    assert [run["cpu_time"] for run in repetitions] == [4e6, 4e6, 5e6, 5e6]
    assert {run["repetitions"] for run in repetitions} == {4}
    assert {run["label"] for run in repetitions} == {"toycc 14.2 Copyright"}
    expected = {
        "mean": statistics.fmean(STEADY_NS),
        "median": statistics.median(STEADY_NS),
        "stddev": statistics.stdev(STEADY_NS),
        "cv": statistics.stdev(STEADY_NS) / statistics.fmean(STEADY_NS),
    }
    for aggregate, value in expected.items():
        (run,) = found[f"toy/interchange/64_{aggregate}"]
        assert (run["run_type"], run["aggregate_name"], run["real_time"]) == ("aggregate", aggregate, value)
        assert run["run_name"] == "toy/interchange/64"
    assert "toy/packed/64_mean" not in found, "one value has no spread"
    (estimated,) = found[NAMES[0]]
    assert estimated["label"] == f"Toy 3; {ESTIMATED}"
    assert (estimated["low_ns"], estimated["high_ns"]) == (100_000_000, 200_000_000)


def test_google_benchmark_s_compare_py_finds_all_that_it_reads(read):
    # gbench/util.py sorts by the first four of these where they are there; gbench/report.py groups by name and
    # time_unit, takes real_time and cpu_time of every entry that is no aggregate (for the geometric mean, so even of
    # errors), and run_type, aggregate_name and label where they are there
    value = read("google-benchmark")
    fields = {"family_index", "per_family_instance_index", "repetition_index", "run_type", "name", "time_unit"}
    units = {"ns", "us", "ms", "s"}
    for benchmark in value["benchmarks"]:
        own = fields - {"repetition_index"} if benchmark["run_type"] == "aggregate" else fields
        assert own <= benchmark.keys() and benchmark["time_unit"] in units
        assert all(isinstance(benchmark[key], (int, float)) for key in ("real_time", "cpu_time"))
        assert benchmark["run_type"] in ("iteration", "aggregate")
    assert [b["family_index"] for b in value["benchmarks"]] == sorted(b["family_index"] for b in value["benchmarks"])
    context = value["context"]
    assert (context["num_cpus"], context["mhz_per_cpu"], context["load_avg"]) == (4, 2596, [0.25])
    assert context["cpu_scaling_enabled"] is True and context["json_schema_version"] == 1
    assert context["date"] == FACTS["started_at"] and context["caches"] == []


def test_google_benchmark_shows_a_failure_under_a_name_that_no_measurement_has(read):
    errors = [b for b in read("google-benchmark")["benchmarks"] if b.get("error_occurred")]
    (error,) = errors
    assert error["name"] == error["run_name"] == "toy/vector/64 (failed)"
    assert error["error_message"] == "claims: clock: says less than its launches took"
    assert (error["iterations"], error["real_time"]) == (0, 0)


def test_pyperf_has_a_run_for_each_launch_and_its_first_call_as_the_warmup(results):
    suite = pyperf.BenchmarkSuite.loads(exported("pyperf", results))
    assert suite.get_benchmark_names() == NAMES
    first, second = suite.get_benchmark("toy/interchange/64").get_runs()
    assert (first.values, first.warmups) == ((0.004000001, 0.004000003), ((1, 0.009),))
    assert (second.values, second.warmups) == ((0.004000007, 0.004000005), ((1, 0.008),))
    metadata = second.get_metadata()
    assert (metadata["mem_max_rss"], metadata["duration"]) == (7_000_007, 0.05)
    assert metadata["date"] == "2026-01-02T03:05:07.000+00:00"
    (blocks,) = suite.get_benchmark("toy/divide/64").get_runs()
    assert (blocks.values, blocks.warmups, blocks.get_metadata()["mem_max_rss"]) == ((0.005000003,), (), 222)
    assert blocks.get_metadata()["duration"] == 0.1
    (estimated,) = suite.get_benchmark(NAMES[0]).get_runs()
    assert (estimated.values, estimated.warmups) == ((ESTIMATE_S,), ())
    assert estimated.get_metadata()["estimated"] == ESTIMATED


def test_pyperf_s_metadata_is_the_machine_s_of_the_run(results):
    suite = pyperf.BenchmarkSuite.loads(exported("pyperf", results))
    assert suite.get_metadata() == {
        "run": FACTS["id"],
        "harness_version": "1.2.3",
        "backend": "native",
        "cpu_model_name": "Toy CPU",
        "cpu_count": 4,
        "n": 64,
        "threads": 2,
        "unit": "second",
    }


def test_pyperf_s_commands_read_the_file(results, tmp_path):
    slower = {**SAMPLES, "toy/interchange": [replace(s, ns=2 * s.ns) for s in SAMPLES["toy/interchange"]]}
    write(tmp_path / "before.json", exported("pyperf", results))
    write(tmp_path / "after.json", exported("pyperf", replace(results, samples=slower)))

    def run(*words):
        command = [sys.executable, "-m", "pyperf", *words]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    told = run("stats", "before.json", "-b", "toy/interchange/64")
    assert "Number of run with values: 2" in told and "Number of warmup per run: 1" in told
    assert "Total number of values: 4" in told and "Start date: 2026-01-02 03:05:05" in told
    told = run("compare_to", "before.json", "after.json", "-v")
    assert "[before] 4.00 ms +- 0.00 ms -> [after] 8.00 ms +- 0.00 ms: 2.00x slower" in told
    run("check", "before.json")


def test_bmf_is_what_its_published_schema_says(read):
    value = read("bmf")
    for name, measures in value.items():
        assert name and isinstance(measures, dict)
        for measure, metric in measures.items():
            assert measure and len(measure) <= 64, "the longest that Bencher takes"
            assert "value" in metric and metric.keys() <= {"value", "lower_value", "upper_value"}
            assert all(type(number) in (int, float) for number in metric.values())
    assert value["toy/interchange/64"] == {
        "latency": {"value": 4_000_004, "lower_value": 4_000_001, "upper_value": 4_000_007},
        "peak-memory": {"value": 7_000_008},
        "file-size": {"value": 4_096},
        "build-time": {"value": 1.5},
    }
    assert value["toy/packed/64"] == {"latency": {"value": 1_000_001}}
    assert value[NAMES[0]] == {"latency": {"value": 123_456_789, "lower_value": 1e8, "upper_value": 2e8}}


def test_github_action_benchmark_has_a_value_its_unit_and_a_range_that_it_can_draw(read):
    entries = {entry["name"]: entry for entry in read("github-action-benchmark")}
    whole = entries["toy/interchange/64"]
    assert (whole["value"], whole["unit"]) == (0.004000004, "s")
    sign, _, number = whole["range"].partition(" ")
    assert sign == "±" and float(number) == pytest.approx(3e-9)
    assert entries[NAMES[0]]["range"] == "± 0.0765432", "the longer side of the interval, so that it is all in it"
    assert "range" not in entries["toy/packed/64"]
    assert entries[NAMES[0]]["extra"].splitlines()[0] == ESTIMATED
    assert "toolchain: toycc 14.2 Copyright" in whole["extra"].splitlines()
    for entry in entries.values():
        assert entry.keys() <= {"name", "unit", "value", "range", "extra"}
        assert all(isinstance(entry[key], str) for key in entry.keys() - {"value"})


@pytest.fixture
def stored(project, config):
    """A run on disk, as `report` finds it: one kernel measured, one that failed."""
    add_rung(project, "interchange", "return c")
    kernels = load_kernels(project / "kernels")
    facts = {
        **{key: value for key, value in FACTS.items() if key not in ("id", "started_at")},
        "config": config_facts(replace(config, baseline="toy/naive")),
        "kernels": [kernel_facts(kernel) for kernel in kernels],
        "notes": [],
        "built": {},
        "failures": {"toy/naive": {"stage": "check", "reason": "values are wrong", "log": ""}},
        "skips": {},
        "peak": None,
    }
    store = Store.create(config.reports_dir, facts)
    store.append(launch("toy/interchange", 0, [9_000_000, *STEADY_NS[:2]]))
    store.append(launch("toy/interchange", 1, [8_000_000, *STEADY_NS[2:]]))
    store.save()
    store.publish()
    return store


def export(project, *words):
    return harness("export", "--config", str(project / "config.yaml"), *words)


def test_the_command_exports_the_newest_run_or_the_one_it_is_given(project, stored):
    for run in ([], [stored.facts["id"]], [str(stored.folder)]):
        done = export(project, *run, "--format", "hyperfine")
        assert (done.returncode, done.stderr) == (0, "")
        (result,) = json.loads(done.stdout)["results"]
        assert (result["command"], result["times"]) == ("toy/interchange/64", [ns / 1e9 for ns in STEADY_NS])


def test_out_has_what_the_standard_output_would_have(project, stored, tmp_path):
    out = tmp_path / "out.json"
    out.write_text("from before")
    done = export(project, "--format", "google-benchmark", "--out", str(out))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert out.read_text() == export(project, "--format", "google-benchmark").stdout
    assert "check: values are wrong" in out.read_text()


def test_out_that_cannot_be_written_is_one_sentence_and_status_2(project, stored, tmp_path):
    for out in (tmp_path / "no" / "such" / "folder.json", tmp_path):
        done = export(project, "--format", "bmf", "--out", str(out))
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"harness: {out}: cannot be written: ") and done.stderr.count("\n") == 1


def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    pipe, found = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: found.append(pipe.read_text()), daemon=True)
    reader.start()
    write(pipe, "text")
    reader.join(10)
    assert found == ["text"] and stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_format_that_is_not_known_is_told_with_those_that_are(project):
    done = export(project, "--format", "junit")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert all(f"'{name}'" in done.stderr for name in FORMATS)


def test_a_run_without_a_measurement_is_one_sentence_and_status_1(project, stored):
    (stored.folder / "samples.jsonl").write_text("")
    done = export(project, "--format", "pyperf")
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr == f"harness: {stored.folder}: no kernel of this run was measured, so there is nothing to export\n"
    )
