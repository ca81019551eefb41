"""The command line from end to end, with a real kernel: files, sentences and exit statuses."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest
from conftest import CONFIG, KERNEL, ROOT, SOURCE, add_rung, command_lines, harness, started

from harness.report.csv import COLUMNS as COLUMNS_OF_CSV

COMMANDS = (
    "run-all",
    "list",
    "doctor",
    "build",
    "check",
    "report",
    "compare",
    "selftest",
    "export",
    "clean",
    "new",
    "serve",
    "image",
    "schema",
)


def run_all(project, *words):
    return harness("run-all", "--config", str(project / "config.yaml"), *words)


def test_a_run_ends_with_the_answer_the_report_and_status_0(project):
    add_rung(project, "interchange", "return c")
    done = run_all(project)
    assert done.returncode == 0, done.stderr
    answer, report = done.stdout.splitlines()
    assert answer.startswith("On this machine, the product of two 64 × 64 matrices of doubles takes Toy (")
    folder = (project / "reports" / "latest").resolve()
    assert report == f"Report: {folder / 'report.html'}"
    assert {"run.json", "samples.jsonl", "results.csv", "report.html"} <= {p.name for p in folder.iterdir()}


def test_results_csv_has_a_line_a_kernel_and_the_columns_that_are_promised(project):
    add_rung(project, "parallel", "c[0] += 2**-30; return c")
    assert run_all(project).returncode == 1
    frame = pd.read_csv(project / "reports" / "latest" / "results.csv").set_index("kernel")
    assert list(frame.columns) == list(COLUMNS_OF_CSV)[1:]
    assert {"median_s", "low_s", "high_s", "rank", "build_s", "start_s", "io_s", "first_call_s", "lines"} <= set(frame)
    good, bad = frame.loc["toy/naive"], frame.loc["toy/parallel"]
    assert (good.status, good.verified, good.speedup) == ("ok", True, 1)
    assert good.low_s <= good.median_s <= good.high_s
    assert good.min_s <= good.median_s and good.peak_rss_bytes > 2**20
    assert good.gflops == pytest.approx(2 * 64**3 / good.median_s / 1e9)
    assert (bad.status, bad.verified) == ("failed", False) and pd.isna(bad.median_s)
    assert "values are wrong" in bad.reason


def test_a_run_of_several_sizes_has_a_line_a_kernel_and_n_and_a_section_of_its_own(project):
    add_rung(project, "parallel", "return c if len(c) != 48 * 48 else [0.0] * len(c)")
    done = run_all(project, "--sizes", "48,32,64")
    assert done.returncode == 1
    folder = project / "reports" / "latest"
    frame = pd.read_csv(folder / "sizes.csv")
    assert list(frame[frame.kernel == "toy/naive"].n) == [32, 48, 64]
    assert frame.gflops.to_list() == pytest.approx((2 * frame.n**3 / frame.median_s / 1e9).to_list())
    assert "FAILED toy/parallel: measure: " in done.stdout and "(n = 48, rows = 48)" in done.stdout
    assert 'id="sizes"' in (folder / "report.html").read_text()
    again = harness("report", "--config", str(project / "config.yaml"))
    assert again.returncode == 0 and 'id="sizes"' in (folder / "report.html").read_text()


@pytest.mark.parametrize("sizes", ["x", "0", "64,-1", "99999"])
def test_a_size_that_cannot_be_is_named(project, sizes):
    done = run_all(project, f"--sizes={sizes}")
    assert done.returncode == 2
    assert f"--sizes: expected numbers from 1 to 32768 such as 256,512,1024, found {sizes}" in done.stderr


def test_run_json_tells_what_was_run_on_what(project):
    run_all(project)
    record = json.loads((project / "reports" / "latest" / "run.json").read_text())
    assert record["config"]["n"] == 64 and record["host"]["cpu"]
    assert record["toolchains"]["toy/naive"]["version"].startswith("Python 3.")
    assert len(record["inputs"]["sha256_a"]) == 64
    assert record["built"]["toy/naive"]["digest"] and record["checked"]["toy/naive"]["launches"] > 10
    assert record["peak"]["gflops"]["1"] > 0.1


def test_every_launch_s_output_was_verified_against_the_same_reference(project):
    run_all(project, "--full")
    lines = (project / "reports" / "latest" / "samples.jsonl").read_text().splitlines()
    samples = [json.loads(line) for line in lines]
    whole = [sample for sample in samples if sample["rows"] == 64 and not sample["row0"]]
    assert len(whole) >= 3 and len({sample["sha256"] for sample in whole}) == 1


def test_a_toolchain_that_is_missing_is_a_skipped_row_with_its_remedy_and_no_failure(project):
    cobol = project / "kernels" / "cobol"
    cobol.mkdir()
    (cobol / "kernel.yaml").write_text(
        "name: COBOL\napt: [gnucobol]\nversion: cobc-none --version\nbuild: cobc-none -o {out} {source}\n"
        "run: '{out}'\nrungs:\n  naive: {source: naive.cob}\n"
    )
    (cobol / "naive.cob").write_text("")
    done = harness("list", "--config", str(project / "config.yaml"))
    assert "missing: cobc-none is not installed (to provide it: sudo apt-get install gnucobol)" in done.stdout
    from harness.config.kernels import load_kernels
    from harness.config.load import load_config
    from harness.execute.native import NativeExecutor
    from harness.prepare.stages import Prepared, provide
    from harness.util.console import Console

    config, prepared = load_config(project / "config.yaml"), Prepared()
    kernels = load_kernels(config.kernels_dir)
    provide(kernels, NativeExecutor(config.build_dir), prepared, Console(), install=False)
    assert prepared.skips == {
        "cobol/naive": "cobc-none is not installed (to provide it: sudo apt-get install gnucobol)"
    }
    assert list(prepared.provided) == ["toy/naive"]


def test_a_cpu_without_what_a_kernel_requires_skips_it_with_the_reason(project):
    path = project / "kernels" / "toy" / "kernel.yaml"
    with path.open("a") as file:
        file.write("  engine: {source: naive.py, requires: [quantum_tile], products: 15}\n")
    done = run_all(project)
    assert done.returncode == 0
    row = pd.read_csv(project / "reports" / "latest" / "results.csv").set_index("kernel").loc["toy/engine"]
    assert (row.status, row.reason) == ("skipped", "this CPU has no quantum_tile")


def test_a_kernel_that_does_not_build_is_a_row_with_the_compiler_s_words(project, compiler):
    bad = project / "kernels" / "bad"
    bad.mkdir()
    (bad / "kernel.yaml").write_text(
        "name: Bad\nversion: gcc --version\nbuild: gcc -o {out} {source}\nrun: '{out}'\n"
        "rungs:\n  naive: {source: x.c}\n"
    )
    (bad / "x.c").write_text("int main(void) { return missing; }\n")
    done = run_all(project)
    assert done.returncode == 1
    assert "FAILED bad/naive: build: 'gcc -o" in done.stdout
    assert "undeclared" in done.stdout
    frame = pd.read_csv(project / "reports" / "latest" / "results.csv").set_index("kernel")
    assert frame.loc["toy/naive"].status == "ok"


def test_a_baseline_that_is_no_kernel_is_a_sentence_and_status_2(project):
    path = project / "config.yaml"
    path.write_text(path.read_text().replace("toy/naive", "toy/fast"))
    done = run_all(project)
    assert done.returncode == 2
    assert done.stderr == f"harness: {path}: baseline: no kernel 'toy/fast'; there are toy/naive\n"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--n", "0"], "--n: expected 1 to 32768, found 0"),
        (["--n", "x"], "'x' is not a valid integer"),
        (["--threads", "0"], "--threads: expected all or 1 to "),
        (["--budget", "0"], "--budget: expected a number of seconds above 0"),
        (["--budget", "nan"], "--budget: expected a number of seconds above 0"),
        (["--only", "nothing/*"], "no kernel matches 'nothing/*'; there are toy/naive"),
        (["--backend", "podman"], "'podman' is not one of"),
        (["--fast"], "No such option"),
    ],
)
def test_bad_usage_is_a_sentence_and_status_2(project, words, expected):
    done = run_all(project, *words)
    assert done.returncode == 2
    assert expected in done.stderr and "Traceback" not in done.stderr
    assert not (project / "reports").exists()


def test_a_run_to_resume_that_is_not_there_is_a_sentence_and_status_2():
    done = harness("run-all", "--resume", "/nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert "/nowhere/run.json: cannot be read: No such file or directory" in done.stderr


def test_the_report_is_made_again_from_what_is_stored(project):
    run_all(project)
    folder = (project / "reports" / "latest").resolve()
    before = (folder / "results.csv").read_text()
    (folder / "report.html").unlink()
    (folder / "results.csv").unlink()
    done = harness("report", folder.name, "--config", str(project / "config.yaml"))
    assert done.returncode == 0
    assert (folder / "results.csv").read_text() == before
    assert (folder / "report.html").stat().st_size > 10_000


def test_a_run_folder_that_was_tampered_with_is_a_sentence(project):
    run_all(project)
    path = project / "reports" / "latest" / "run.json"
    for text in (
        '{"format": 4}',
        '{"format": 4, "config": {}}',
        '{"format": 4, "config": {"n": 3}, "kernels": 7}',
    ):
        path.write_text(text)
        done = harness("report", "--config", str(project / "config.yaml"))
        assert done.returncode == 2 and "not of this format" in done.stderr, done.stderr


def test_a_second_run_at_the_same_time_is_told_who_is_running(project, tmp_path):
    with started("run-all", "--config", str(project / "config.yaml"), "--budget", "5") as first:
        assert first.stderr.readline().startswith("Run ")
        done = run_all(project)
        assert done.returncode == 2
        assert f"another run is under way on this machine (process {first.pid})" in done.stderr


def test_ctrl_c_reports_what_there_is_and_ends_with_130(project):
    with started("run-all", "--config", str(project / "config.yaml"), "--budget", "60") as process:
        samples = None
        for _ in range(1200):
            time.sleep(0.05)
            samples = next(project.glob("reports/2*/samples.jsonl"), None)
            if samples and samples.stat().st_size:
                break
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert out == "" and "Traceback" not in err
    assert f"To go on: python -m harness run-all --resume {samples.parent}" in err
    assert "This run was interrupted" in (samples.parent / "report.html").read_text()


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_once_lets_the_launch_at_hand_end_and_twice_stops_it(project, times):
    source = project / "kernels" / "toy" / "naive.py"
    text = source.read_text()
    source.write_text(text.replace("def spoil(c):\n", "def spoil(c):\n    if len(c) == 64 * 64: time.sleep(3)\n", 1))
    with started("run-all", "--config", str(project / "config.yaml"), "--full", "--budget", "60") as process:
        for _ in range(1200):  # until a whole product is being computed
            time.sleep(0.02)
            if any(str(source) in words and words[-4:-2] == ["64", "64"] for words in command_lines().values()):
                break
        else:
            raise AssertionError("no whole product was begun")
        time.sleep(0.2)
        samples = next(project.glob("reports/2*/samples.jsonl"))
        before = len(samples.read_bytes().splitlines())
        start = time.monotonic()
        for _ in range(times):
            process.send_signal(signal.SIGINT)
            time.sleep(0.3)
        err = process.communicate(timeout=60)[1]
    assert process.returncode == 130 and "Traceback" not in err
    assert "ending after this launch; Ctrl-C again stops it" in err
    assert (len(samples.read_bytes().splitlines()) > before) == (times == 1)
    assert time.monotonic() - start < 30
    assert (samples.parent / "report.html").exists()


def test_hostile_names_of_folders_are_only_names(tmp_path):
    project = tmp_path / "a b'c$(touch x)\"; <b>é"
    (project / "kernels" / "toy").mkdir(parents=True)
    (project / "config.yaml").write_text(CONFIG)
    (project / "kernels" / "toy" / "kernel.yaml").write_text(KERNEL)
    (project / "kernels" / "toy" / "naive.py").write_text(SOURCE)
    done = run_all(project)
    assert done.returncode == 0, done.stderr
    assert "<b>" not in (project / "reports" / "latest" / "report.html").read_text()
    assert not list(tmp_path.glob("**/x"))


def test_a_source_that_is_a_link_out_of_its_folder_is_refused(project):
    source = project / "kernels" / "toy" / "naive.py"
    source.rename(project / "outside.py")
    source.symlink_to(project / "outside.py")
    done = run_all(project)
    assert done.returncode == 2 and "rungs.naive.source: must lie in toy/" in done.stderr


def test_a_folder_of_more_languages_is_added_and_a_name_that_is_there_twice_is_refused(project, tmp_path):
    more = tmp_path / "elsewhere" / "mine"
    more.mkdir(parents=True)
    (more / "kernel.yaml").write_text(KERNEL.replace("Toy", "Mine"))
    (more / "naive.py").write_text(SOURCE)
    done = run_all(project, "--kernels", str(more.parent))
    assert done.returncode == 0, done.stderr
    frame = pd.read_csv(project / "reports" / "latest" / "results.csv").set_index("kernel")
    assert list(frame.index) == ["toy/naive", "mine/naive"] and (frame.status == "ok").all()
    more.rename(more.parent / "toy")
    done = run_all(project, "--kernels", str(more.parent))
    assert done.returncode == 2 and "the folder's name, toy, is already that of" in done.stderr
    done = run_all(project, "--kernels", str(tmp_path / "nothing"))
    assert done.returncode == 2 and "--kernels: no such folder" in done.stderr


def test_check_says_what_is_wrong_what_to_do_and_how_to_start_it_by_hand(project):
    add_rung(project, "interchange", "print('a word', file=sys.stderr); return c[1:] + c[:1]")
    done = harness("check", "--config", str(project / "config.yaml"))
    assert done.returncode == 1
    text = done.stdout
    assert "toy/naive  passed" in text and "toy/interchange  FAILED at check: " in text
    for part in ("    output: a word", "    to do: ", "by hand, in ", "python3 {source} A B C n rows threads reps"):
        assert part in text
    assert len(text.splitlines()) < 24  # one screen


def test_schema_is_json_schema_that_accepts_what_is_there_and_names_what_is_not():
    import jsonschema
    import yaml

    schema = json.loads(harness("schema").stdout)
    for path in (ROOT / "kernels").glob("*/kernel.yaml"):
        jsonschema.validate(yaml.safe_load(path.read_text()), schema)
    for wrong in (KERNEL.replace("name:", "nome:"), KERNEL.replace("  naive:", "  fast:")):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(yaml.safe_load(wrong), schema)


def test_clean_removes_what_was_built_and_reports_only_when_asked(project):
    run_all(project)
    config = str(project / "config.yaml")
    assert harness("clean", "--config", config).returncode == 0
    assert not (project / "build").exists() and (project / "reports" / "latest").exists()
    assert harness("clean", "--config", config, "--reports").returncode == 0
    assert list((project / "reports").iterdir()) == []


def test_help_names_every_command_and_every_option_of_run_all():
    said = harness("--help").stdout
    assert all(f"  {command} " in said for command in COMMANDS)
    said = harness("run-all", "--help").stdout
    for option in ["config", "backend", "only", "n", "threads", "budget", "quick", "full", "pages", "out", "resume"]:
        assert f"--{option}" in said


@pytest.mark.parametrize("words", [["--help"], ["run-all", "--help"], ["list", "--backend", "native"]])
def test_help_and_list_load_neither_pandas_nor_a_chart_library(words):
    code = (
        "import sys; from harness.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('pandas', 'altair', 'vl_convert', 'jinja2') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_doctor_says_what_there_is(project):
    done = harness("doctor", "--config", str(project / "config.yaml"))
    assert done.returncode == 0, done.stdout + done.stderr
    for word in ("machine ", "cpu ", "docker ", "toy ", "tools ", "not kept from the network and from other folders"):
        assert word in done.stdout
