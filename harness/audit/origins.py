"""Check what the samples of a run were measured on: inputs, outputs, sources and artefacts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from harness.audit.checks import Check, fails, holds, unchecked
from harness.model.kernel import Kernel
from harness.model.run_record import InputRecord, RunRecord
from harness.model.sample import Purpose, Sample
from harness.prepare.inputs import FORMAT, dyadic, exact_product
from harness.prepare.verify import digest
from harness.store.record import source_digest
from harness.util.files import tree_digest
from harness.util.format import size

MATRICES_IN_MEMORY = 7
"""Matrices of n x n values that the check of the outputs holds at once."""


def check_launches(samples: Iterable[Sample], kernels: Iterable[str]) -> Check:
    """Check that every sample is of a kernel of the run, and that every launch has all its calls, each once."""
    known, calls, reps = set(kernels), dict[int, list[int]](), dict[int, int]()
    for sample in samples:
        if sample.kernel not in known:
            return fails("samples.jsonl", f"it has a sample of {sample.kernel}, which is no kernel of the run")
        calls.setdefault(sample.launch, []).append(sample.rep)
        reps[sample.launch] = sample.reps
    for launch, numbers in calls.items():
        if sorted(numbers) != list(range(reps[launch])):
            counted = f"{len(numbers)} of the {reps[launch]} calls"
            return fails("samples.jsonl", f"launch {launch} has {counted} that each of its samples names")
    return holds("samples.jsonl", f"{len(calls)} launches, each with all its calls")


def check_inputs(record: RunRecord, by_size: Mapping[int, Sequence[Sample]], memory_bytes: int) -> list[Check]:
    """Generate A and B again from the seed, and compare their hashes and those of every output.

    `by_size` has the samples of each n of the run, its own included.
    """
    inputs = record.inputs
    if inputs is None:
        return [unchecked("inputs", "run.json has none, since the run ended before they were created")]
    if inputs.format != FORMAT:
        return [unchecked("inputs", f"this version generates other inputs than those of the run: {inputs.format}")]
    if (inputs.n, inputs.seed) != (record.config.n, record.config.seed):
        return [fails("inputs", "their n and seed are not those of the run's configuration")]
    checks = []
    for n, samples in by_size.items():
        if MATRICES_IN_MEMORY * 8 * n**2 > memory_bytes:
            needed = size(MATRICES_IN_MEMORY * 8 * n**2)
            checks.append(unchecked(f"inputs of n = {n}", f"to compute their product again takes {needed} of memory"))
            continue
        checks += _check_at(n, inputs, samples)
    return checks


def _check_at(n: int, inputs: InputRecord, samples: Sequence[Sample]) -> list[Check]:
    a, b = dyadic(n, inputs.seed)
    checks = []
    if n == inputs.n:
        for name, matrix, stored in (("A", a, inputs.sha256_a), ("B", b, inputs.sha256_b)):
            given = hashlib.sha256(np.ascontiguousarray(matrix, "<f8").data.cast("B")).hexdigest()
            if given != stored:
                checks.append(fails("inputs", f"{name} of seed {inputs.seed} has another SHA-256 than run.json says"))
        if not checks:
            checks.append(holds("inputs", f"A and B of seed {inputs.seed} have the SHA-256 that run.json says"))
    return [*checks, _check_outputs(n, exact_product(a, b), a[0, 0] * b[0, 0], samples)]


def _check_outputs(n: int, product: np.ndarray, first: float, samples: Sequence[Sample]) -> Check:
    """Compare the hash of each output with that of the same rows of the exact product.

    A product of values of 53 bits is rounded, and has no hash that all kernels share.
    """
    subject, expected = f"outputs of n = {n}", dict[tuple[int, int], str]()
    one = digest(np.array([[first]]))
    exact = [sample for sample in samples if sample.purpose != Purpose.FULL_MANTISSA]
    for sample in exact:
        if (sample.n, n) == (1, 1) or sample.purpose == Purpose.START:
            wanted = one
        elif sample.n != n:
            return fails(subject, f"launch {sample.launch} of {sample.kernel} is of n = {sample.n}")
        else:
            key = (sample.row0, sample.rows)
            if key not in expected:
                expected[key] = digest(np.take(product, range(key[0], key[0] + key[1]), axis=0, mode="wrap"))
            wanted = expected[key]
        if sample.sha256 != wanted:
            return fails(subject, f"launch {sample.launch} of {sample.kernel} has a hash that is not the product's")
    return holds(subject, f"the hashes of all {len({sample.launch for sample in exact})} launches are the product's")


def check_sources(record: RunRecord, own: Mapping[str, Kernel]) -> list[Check]:
    """Check the recorded sources against their hashes, and against the sources that lie here; `own` is by id."""
    changed = [
        kernel.id
        for kernel in record.kernels
        if kernel.source_sha256 and source_digest(kernel.source_text) != kernel.source_sha256
    ]
    if changed:
        return [fails("sources", f"the source of {', '.join(changed)} is not that of its hash in run.json")]
    unhashed = [kernel.id for kernel in record.kernels if not kernel.source_sha256]
    checks = [_unhashed(unhashed) if unhashed else holds("sources", f"{len(record.kernels)} are those of their hashes")]
    others = [kernel.id for kernel in record.kernels if not _is_own(kernel.source_text, own.get(kernel.id))]
    if others:
        where = f"{len(others)} of {len(record.kernels)}, such as {others[0]}, are not those of the kernels here"
        checks.append(unchecked("sources", where))
    return checks


def _unhashed(names: Sequence[str]) -> Check:
    return unchecked("sources", f"run.json has no hash of {len(names)}, such as {names[0]}")


def _is_own(text: str, kernel: Kernel | None) -> bool:
    try:
        own = kernel.source_path.read_text(encoding="utf-8", errors="replace") if kernel else None
    except OSError:
        return False
    return own is not None and source_digest(own) == source_digest(text)


def check_artefacts(record: RunRecord, builds: Path | None) -> Check:
    """Compare the artefacts that still lie where the run built them with their hashes.

    Only those in `builds` are read: a stranger's run may name any folder of this machine.
    """
    measured = {name: built for name, built in record.built.items() if built.commands}
    if not measured:
        return unchecked("artefacts", "no kernel of the run was built")
    found = {name: path for name, built in measured.items() if builds and (path := _artefact(built.path, builds))}
    changed = [name for name, path in found.items() if tree_digest(path)[0] != measured[name].digest]
    if changed:
        again = f"{len(changed)} of {len(measured)}, such as {changed[0]}, have been built again here since the run"
        return unchecked("artefacts", again)
    if len(found) < len(measured):
        return unchecked("artefacts", f"{len(measured) - len(found)} of {len(measured)} are not on this machine")
    return holds("artefacts", f"all {len(found)} have the SHA-256 that run.json says")


def _artefact(path: Path, builds: Path) -> Path | None:
    try:
        own = path.resolve().is_relative_to(builds.resolve())
        return path if own and path.exists() else None
    except (OSError, RuntimeError):
        return None
