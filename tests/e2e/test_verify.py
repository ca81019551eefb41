"""The command `verify`: what holds of a run, and what does not once something in its folder was altered."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from harness.audit.checks import Outcome
from harness.audit.command import Here, verify
from tests.command import invoke
from tests.needs import need


def failures(folder: Path, signers: Path | None = None) -> dict[str, str]:
    """Return the sentences of the checks that fail, by their subject."""
    return {check.subject: check.sentence for check in verify(folder, signers).failures}


def edit(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text()
    after = change(before)
    assert after != before
    path.write_text(after)


def edit_sample(folder: Path, number: int, **values: object) -> None:
    """Set keys of one line of samples.jsonl."""
    lines = (folder / "samples.jsonl").read_text().splitlines()
    lines[number] = json.dumps(json.loads(lines[number]) | values)
    (folder / "samples.jsonl").write_text("\n".join(lines) + "\n")


def edit_record(folder: Path, change: Callable[[dict], object]) -> None:
    """Change the values of run.json."""
    values = json.loads((folder / "run.json").read_text())
    change(values)
    (folder / "run.json").write_text(json.dumps(values))


def sign(folder: Path, key: Path) -> None:
    """Make a key, and sign the manifest of a folder by it."""
    need(shutil.which("ssh-keygen"), "ssh-keygen")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key)], check=True)
    command = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(key), "-n", "sixty-thousand", str(folder / "SHA256SUMS")]
    subprocess.run(command, check=True, capture_output=True)


def allow(key: Path, name: str) -> Path:
    """Write the allowed_signers file that names the owner of a key."""
    path = key.with_name(f"{name}.allowed")
    path.write_text(f"{name} {key.with_suffix('.pub').read_text()}")
    return path


def test_a_run_that_was_just_made_holds(finished_run):
    done = invoke("verify", str(finished_run.folder), "--config", finished_run.config)

    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == f"{finished_run.folder.name}: all that was checked holds"
    assert re.search(r"^holds +results.csv: its 2 lines are, byte for byte, what the samples give$", done.stdout, re.M)
    assert re.search(r"^holds +outputs of n = 64: the hashes of all \d+ launches are the product's$", done.stdout, re.M)


def test_every_subject_of_a_whole_run_is_checked(finished_run):
    audit = verify(finished_run.folder, here=Here((finished_run.project / "kernels",)))

    outcomes = {check.subject: check.outcome for check in audit.checks}
    assert outcomes.pop("artefacts") == Outcome.UNCHECKED  # a script is not built
    assert set(outcomes.values()) == {Outcome.HOLDS}
    assert {"headline", "report.html", "results.csv", "inputs", "sources", "run.json"} < set(outcomes)


def test_a_run_with_a_failed_kernel_holds(failed_run):
    assert failures(failed_run.folder) == {}


def test_json_tells_each_check_in_a_sentence(reported_copy):
    edit(reported_copy.folder / "results.csv", lambda text: text.replace("toy/naive", "toy/fast"))

    done = invoke("verify", "--json", str(reported_copy.folder), "--config", reported_copy.config)

    assert done.returncode == 1
    document = json.loads(done.stdout)
    jsonschema.validate(document, json.loads(invoke("schema", "verify").stdout))
    assert document["holds"] is False
    failed = {
        check["subject"]: check["sentence"] for check in document["checks"] if check["outcome"] == "does not hold"
    }
    assert failed["results.csv"] == "it has no line of toy/naive"


def test_an_altered_time_contradicts_table_and_page(reported_copy):
    samples = [json.loads(line) for line in (reported_copy.folder / "samples.jsonl").read_text().splitlines()]
    for number, sample in enumerate(samples):
        if sample["purpose"] == "measure":
            edit_sample(reported_copy.folder, number, ns=sample["ns"] // 2)

    found = failures(reported_copy.folder)

    assert set(found) >= {"results.csv", "headline", "report.html"}
    assert re.match(r"toy/\w+: \w+ is \S+, and the samples give \S+", found["results.csv"])


def test_a_removed_sample_is_an_incomplete_launch(reported_copy):
    edit(reported_copy.folder / "samples.jsonl", lambda text: text.split("\n", 1)[1])

    assert re.match(r"launch 0 has \d+ of the \d+ calls", failures(reported_copy.folder)["samples.jsonl"])


def test_an_altered_hash_of_an_output_is_told(reported_copy):
    edit_sample(reported_copy.folder, 3, sha256="0" * 64)

    assert "has a hash that is not the product's" in failures(reported_copy.folder)["outputs of n = 64"]


@pytest.mark.parametrize(
    ("change", "subject", "sentence"),
    [
        (lambda run: run["inputs"].update(sha256_b="0" * 64), "inputs", "B of seed 1 has another SHA-256"),
        (lambda run: run["inputs"].update(seed=2), "inputs", "their n and seed are not those"),
        (lambda run: run["kernels"][0].update(source_text="pass"), "sources", "the source of toy/naive is not that"),
        (lambda run: run.update(launches_s=1.5), "run.json", "it says that all launches took 1.50 s"),
        (lambda run: run.update(kernels=7), "run.json", "kernels: input should be a valid tuple"),
        (lambda run: run["kernels"].pop(), "samples.jsonl", "it has a sample of toy/interchange, which is no kernel"),
    ],
)
def test_an_altered_record_is_told(reported_copy, change, subject, sentence):
    edit_record(reported_copy.folder, change)

    assert failures(reported_copy.folder)[subject].startswith(sentence)


def test_an_altered_figure_on_the_page_is_told(reported_copy):
    page = reported_copy.folder / "report.html"
    edit(page, lambda text: re.sub(r"(\d)\.(\d) ms", r"\g<1>1.\2 ms", text, count=1))

    assert "it is not the page that the samples give" in failures(reported_copy.folder)["report.html"]


@pytest.mark.parametrize("name", ["samples.jsonl", "results.csv", "report.html"])
def test_a_missing_file_is_told(reported_copy, name):
    (reported_copy.folder / name).unlink()

    assert name in failures(reported_copy.folder)


def test_an_incomplete_last_line_of_a_finished_run_is_told(reported_copy):
    edit(reported_copy.folder / "samples.jsonl", lambda text: text[:-5])

    assert failures(reported_copy.folder)["samples.jsonl"]


def test_a_signed_run_names_its_signer(reported_copy, tmp_path):
    assert invoke("verify", "--manifest", str(reported_copy.folder), "--config", reported_copy.config).returncode == 0
    sign(reported_copy.folder, tmp_path / "key")

    signed = {check.subject: check for check in verify(reported_copy.folder, allow(tmp_path / "key", "ann")).checks}

    assert signed["SHA256SUMS"].outcome == signed["signature"].outcome == Outcome.HOLDS
    assert re.match("made by ann, with ED25519 key SHA256:", signed["signature"].sentence)


def test_a_signature_by_another_key_fails(reported_copy, tmp_path):
    invoke("verify", "--manifest", str(reported_copy.folder), "--config", reported_copy.config)
    sign(reported_copy.folder, tmp_path / "stranger")
    sign_other = reported_copy.folder.with_name("other")
    shutil.copytree(reported_copy.folder, sign_other)
    sign(sign_other, tmp_path / "key")

    found = failures(reported_copy.folder, allow(tmp_path / "key", "ann"))

    assert found == {"signature": f"its key is none of those in {tmp_path / 'ann.allowed'}"}


def test_a_signature_of_an_earlier_manifest_fails(reported_copy, tmp_path):
    invoke("verify", "--manifest", str(reported_copy.folder), "--config", reported_copy.config)
    sign(reported_copy.folder, tmp_path / "key")
    edit(reported_copy.folder / "SHA256SUMS", lambda text: text.replace("results.csv", "others.csv"))

    found = failures(reported_copy.folder, allow(tmp_path / "key", "ann"))

    assert found["signature"] == "it is not one that ann made of this SHA256SUMS"


def test_a_run_that_nobody_signed_fails_where_a_signer_is_asked_for(finished_run, tmp_path):
    signers = tmp_path / "allowed"
    signers.write_text("")

    assert "nobody has signed the run" in failures(finished_run.folder, signers)["signature"]


def test_files_are_those_of_the_manifest(reported_copy):
    folder = reported_copy.folder
    invoke("verify", "--manifest", str(folder), "--config", reported_copy.config)
    (folder / "results.csv").rename(folder / "other.csv")
    edit(folder / "report.html", lambda text: text + " ")

    sentences = [check.sentence for check in verify(folder).failures if check.subject == "SHA256SUMS"]

    assert sentences == [
        "results.csv is missing",
        "other.csv is not in it",
        "report.html has been changed: its SHA-256 is another one",
    ]


def test_sha256sum_reads_the_manifest(reported_copy):
    invoke("verify", "--manifest", str(reported_copy.folder), "--config", reported_copy.config)

    done = subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=reported_copy.folder, capture_output=True)

    assert done.returncode == 0 and done.stdout.count(b": OK\n") == 4


def test_a_run_that_does_not_hold_gets_no_manifest(reported_copy):
    (reported_copy.folder / "results.csv").unlink()

    done = invoke("verify", "--manifest", str(reported_copy.folder), "--config", reported_copy.config)

    assert done.returncode == 1 and not (reported_copy.folder / "SHA256SUMS").exists()


def test_an_absent_file_of_signers_is_bad_usage(finished_run):
    words = ("verify", str(finished_run.folder), "--config", finished_run.config, "--signer", "/nowhere/file")

    done = invoke(*words)

    assert done.returncode == 2 and "--signer: /nowhere/file: no such file" in done.stderr
