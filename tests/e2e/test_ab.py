"""Compare real, small commands: verdicts, answers that differ, failures, parameters, and what is run around them."""

from __future__ import annotations

import json
import os
import signal

import pytest

from tests.command import command_lines, invoke, started, wait_for

FEW = ("--runs", "6", "--warmup", "0")
"""The fewest rounds, for what does not depend on times."""


def measure(*words: str) -> dict:
    """Return the document of a comparison that ends well."""
    done = invoke("ab", *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refusal(*words: str) -> str:
    """Return the sentence of a comparison that ends with status 1."""
    done = invoke("ab", *FEW, *words)
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr.splitlines()[-1]


def test_equal_commands_take_the_same_time():
    [group] = measure("sleep 0.02", "sleep 0.02", "--runs", "10")["groups"]

    assert 0.8 < group["differences"][0]["time"]["value"] < 1.2
    assert 0.8 < group["control"]["value"] < 1.2


def test_twice_the_work_is_slower_and_a_regression():
    done = invoke("ab", "sleep 0.02", "sleep 0.04", "--runs", "8", "--fail-on-regression", "20", "--json")

    [group] = json.loads(done.stdout)["groups"]
    [difference] = group["differences"]
    assert (difference["verdict"], difference["regression"]) == ("slower", True)
    assert 1.5 < difference["time"]["value"] < 2.2
    assert done.returncode == (3 if group["trusted"] else 1)


def test_processor_time_and_memory_are_told_apart_from_time():
    """A command that computes takes more of both than one that sleeps for as long."""
    computing = "python3 -c 'x = bytearray(50_000_000); print(sum(range(1_000_000)) > 0)'"

    [group] = measure("sleep 0.1", computing, "--any-output", *FEW)["groups"]

    [difference] = group["differences"]
    assert difference["cpu"]["value"] > 3 and difference["peak_rss"] > 3


def test_the_result_is_lines_for_people():
    done = invoke("ab", "sleep 0.01", "sleep 0.05", "--runs", "8")

    assert done.returncode == 0
    assert "A  sleep 0.01\nB  sleep 0.05\n" in done.stdout
    assert "B is slower than A: " in done.stdout and "Control: A against itself" in done.stdout


def test_the_rounds_follow_from_a_pilot_and_are_said_before_they_start():
    done = invoke("ab", "sleep 0.01", "sleep 0.01", "--time", "1")

    assert done.returncode == 0
    assert " rounds of 3 launches, about " in done.stderr and "is found nine times out of ten" in done.stderr


def test_commands_that_print_something_else_are_no_comparison():
    sentence = refusal("echo one", "echo two")

    assert " in the output, so that their times are no comparison: --any-output " in sentence
    assert "B (echo two) differs from A" in sentence or "A (echo one) differs from B" in sentence


def test_a_command_that_never_prints_the_same_is_no_comparison():
    random = "cat /proc/sys/kernel/random/uuid"

    assert " in the output, so " in refusal(random, random)


def test_any_output_compares_what_prints_something_else():
    assert measure("echo one", "echo two", "--any-output", *FEW)["groups"]


def test_a_file_is_compared_in_place_of_what_is_printed(tmp_path):
    words = ["sh -c 'echo 1; echo x >{f}'", "sh -c 'echo 2; echo {t} >{f}'"]
    write_x, write_t = ([word.format(f=tmp_path / "f", t=t) for word in words] for t in "xt")

    assert measure(*write_x, "--output", str(tmp_path / "f"), *FEW)["groups"]
    assert f"in the file {tmp_path / 'f'}" in refusal(*write_t, "--output", str(tmp_path / "f"))


def test_a_file_that_a_command_does_not_write_keeps_its_time(tmp_path):
    path = tmp_path / "kept"
    path.write_text("before")
    os.utime(path, (1e9, 1e9))

    assert "did not write the file" in refusal("true", "true", "--output", str(path))
    assert (path.read_text(), path.stat().st_mtime) == ("before", 1e9)


def test_a_command_that_fails_is_said_with_its_own_words():
    sentence = refusal("ls /no-such-file", "echo")

    assert sentence.startswith("harness: A (ls /no-such-file) exited with status 2: ls: ")
    assert sentence.endswith("; --ignore-failure compares it all the same")


def test_failures_are_ignored_on_request(tmp_path):
    measure("false", "false", "--ignore-failure", "--export-json", str(tmp_path / "x.json"), *FEW)

    first, _ = json.loads((tmp_path / "x.json").read_text())["results"]
    assert first["exit_codes"] == [1] * 6


def test_a_program_that_is_not_there_is_never_ignored():
    sentence = refusal("./no-such-program", "true", "--ignore-failure")

    assert sentence.startswith("harness: A (./no-such-program) exited with status 127: ./no-such-program: No such file")


def test_a_setup_may_build_the_program(tmp_path):
    program = tmp_path / "program"

    assert measure(str(program), "true", "--setup", f"cp /bin/true {program}", *FEW)["groups"]


def test_a_list_of_values_is_a_list_of_commands(tmp_path):
    document = measure(
        "sleep {s}", "-L", "s", "0.01,0.02,0.03", "--runs", "8", "--export-json", str(tmp_path / "x.json")
    )

    [group] = document["groups"]
    assert [command["command"] for command in group["commands"]] == ["sleep 0.01", "sleep 0.02", "sleep 0.03"]
    assert [found["verdict"] for found in group["differences"]] == ["slower", "slower"]
    results = json.loads((tmp_path / "x.json").read_text())["results"]
    assert [result["parameters"] for result in results] == [{"s": "0.01"}, {"s": "0.02"}, {"s": "0.03"}]
    assert all(len(result["times"]) == 8 and min(result["times"]) == result["min"] for result in results)


def test_standard_input_is_the_file(tmp_path):
    (tmp_path / "in").write_text("abc")

    assert measure("cat", "head -c 3", "--input", str(tmp_path / "in"), *FEW)["groups"]
    assert "differs from" in refusal("cat", "head -c 2", "--input", str(tmp_path / "in"))


def test_preparations_run_around_launches(tmp_path):
    log = tmp_path / "log"
    words = [f"--{option}" for option in ("setup", "prepare", "cleanup")]
    around = [word for option in words for word in (option, f"echo {option[2:]} >>{log}")]

    measure("true", "true", *around, *FEW)

    assert log.read_text().split() == ["setup", *["prepare"] * 18, "cleanup"]


def test_a_preparation_that_fails_is_said_and_the_cleanup_runs(tmp_path):
    sentence = refusal("true", "true", "--prepare", "exit 4", "--cleanup", f"touch {tmp_path / 'cleaned'}")

    assert sentence == "harness: --prepare: 'exit 4' exited with status 4"
    assert (tmp_path / "cleaned").exists()


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two processors")
@pytest.mark.parametrize("threads", [1, 2])
def test_commands_are_pinned(tmp_path, threads):
    measure(f"nproc >>{tmp_path / 'count'}", "true", "--threads", str(threads), *FEW)

    assert set((tmp_path / "count").read_text().split()) == {str(threads)}


def test_more_threads_than_processors_are_said():
    two = "timeout 0.1 yes >/dev/null & timeout 0.1 yes >/dev/null; wait"

    done = invoke("ab", two, "true", "--runs", "6")

    assert "A has 2 threads at work on 1 processor: --threads gives all commands more" in done.stderr


def test_ctrl_c_ends_the_command_and_runs_the_cleanup(tmp_path):
    mark = f"9{os.getpid()}"

    with started("ab", f"sleep {mark}", "true", "--cleanup", f"touch {tmp_path / 'cleaned'}") as process:
        wait_for(lambda: ["sleep", mark] in command_lines().values())
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=60)

    assert (process.returncode, error.splitlines()[-1]) == (130, "harness: interrupted")
    assert ["sleep", mark] not in command_lines().values()
    assert (tmp_path / "cleaned").exists()
