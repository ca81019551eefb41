"""Check a kernel before it is timed: at every size, for rows < n, with one and with all threads, and for accuracy."""

from __future__ import annotations

import filecmp
import hashlib
import json
import shutil
import threading
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np

from harness.execute.executor import Executor, RunError
from harness.execute.invocation import Launch, Outcome, launch_all
from harness.model.errors import HarnessError
from harness.model.job import Built, Failed, FailureCode, Fault, Folders, Passed, Stage
from harness.model.kernel import LIBRARY_RUNG, NORMWISE_RUNGS, Kernel
from harness.model.sample import Problem
from harness.prepare.build import home_of
from harness.prepare.hard_inputs import digits_error, mixed_mantissa, subnormal
from harness.prepare.inputs import dyadic, exact_product
from harness.prepare.verify import compare, digest, exact_sums, full_mantissa, read_output, worst_error
from harness.util.files import remove_tree, write_json
from harness.util.scratch import fresh

FORMAT = 3
"""Version of the checks, part of every key: raised when they change, so that every kernel is checked again."""

ACCURACY_N = 257
"""Size of the accuracy check: odd, so that kernels that work in blocks have a remainder."""

HARD_N = 17
"""Size of the checks on subnormal values and on single products: small, since every value of C shows a mistake."""

FULL, MIXED, SUBNORMAL = "full", "mixed", "subnormal"
"""Names of the inputs of these checks in the names of their files; the others are named after n."""

TIMEOUT_S = 120.0
"""Time limit of one launch of the checks, in seconds."""


@dataclass(frozen=True)
class CheckInputs:
    """The small inputs on disk, with their products.

    `expected` are the exact ones by n, `exact` is that of the accuracy check in 2^-106, `subnormal` the exact one of
    the subnormal values, and `mixed` NumPy's of the values that show the digits of single products.
    """

    folder: Path
    expected: dict[int, np.ndarray]
    exact: np.ndarray
    subnormal: np.ndarray
    mixed: np.ndarray


@dataclass(frozen=True)
class Workspace:
    """The executor, folders and processors of the checks.

    Artefacts lie in `build_dir`; each kernel gets folders of its own in `scratch`. `limit_s` is the time limit of one
    launch, in seconds, where it is below TIMEOUT_S.
    """

    executor: Executor
    build_dir: Path
    scratch: Path
    threads: int
    cpus: tuple[int, ...]
    limit_s: float = TIMEOUT_S


_creating = threading.Lock()


def check_inputs(sizes: tuple[int, ...], seed: int, folder: Path) -> CheckInputs:
    """Write A and B of every size to `folder`; the products stay in memory, where no kernel can read them."""
    with _creating:
        expected = {}
        for n in sizes:
            a, b = dyadic(n, seed)
            _write(folder, f"{n}", a, b)
            expected[n] = exact_product(a, b)
        _write(folder, FULL, *full_mantissa(ACCURACY_N, seed))
        a, b, product = subnormal(HARD_N, seed)
        _write(folder, SUBNORMAL, a, b)
        mixed = mixed_mantissa(HARD_N, seed)
        _write(folder, MIXED, *mixed)
        return CheckInputs(folder, expected, _exact(seed), product, mixed[0] @ mixed[1])


@cache
def _exact(seed: int) -> np.ndarray:
    return exact_sums(*full_mantissa(ACCURACY_N, seed))


def launches_of(sizes: tuple[int, ...], threads: int) -> list[Launch]:
    """Return every launch of the checks of a kernel that a run gives `threads` threads: with one thread, and with all.

    Small ones have two calls, so that a kernel that adds to the result of its first call is found.
    """
    launches = []
    for n in sizes:
        for rows in dict.fromkeys((n, (n + 2) // 3)):
            for count in dict.fromkeys((1, threads)):
                reps = 2 if n <= 100 else 1
                launches.append(Launch(Problem(n, rows), count, reps, f"a{n}.f64", f"b{n}.f64"))
    for name, n, counts in (
        (FULL, ACCURACY_N, (1, threads)),
        (MIXED, HARD_N, (threads,)),
        (SUBNORMAL, HARD_N, (threads,)),
    ):
        launches += [Launch(Problem(n, n), count, 1, f"a{name}.f64", f"b{name}.f64") for count in dict.fromkeys(counts)]
    return launches


def check(
    kernel: Kernel,
    built: Built,
    inputs: CheckInputs,
    workspace: Workspace,
) -> Passed | Failed:
    """Check one kernel, unless the same artefact passed the same checks before."""
    executor, scratch = workspace.executor, workspace.scratch
    home = home_of(kernel, executor, workspace.build_dir)
    threads = kernel.threads_of(workspace.threads)
    launches = launches_of(tuple(inputs.expected), threads)
    key = _key(home, built, launches, inputs)
    if (earlier := _passed_before(home, key)) is not None:
        return earlier
    name = kernel.id.replace("/", "-")
    # a copy for each kernel: one that writes into its inputs must not fail the kernels that are checked beside it
    copies = scratch / f"{name}-inputs"
    shutil.copytree(inputs.folder, copies, dirs_exist_ok=True)
    folders = Folders(kernel.folder, home / "artefact", copies, fresh(scratch, name), kernel.uses)
    timeout_s = min(TIMEOUT_S, workspace.limit_s)
    try:
        outcomes = launch_all(kernel, executor, folders, launches, timeout_s, workspace.cpus)
        files = [path.name for path in inputs.folder.iterdir()]
        if len(filecmp.cmpfiles(inputs.folder, copies, files, shallow=False)[0]) != len(files):
            return Failed(Stage.CHECK, "changed its inputs", code=FailureCode.CHANGED_INPUTS)
    except (RunError, HarnessError) as error:
        return Failed(Stage.CHECK, str(error), code=FailureCode.NOT_RUN)
    finally:
        remove_tree(copies)
    worst = 0.0
    for outcome in outcomes:
        verdict = judge(outcome, inputs, kernel.rung)
        if isinstance(verdict, Fault):
            if verdict.code == FailureCode.CANNOT_RUN_HERE:
                return Failed(Stage.CHECK, verdict.reason, outcome.log, verdict.code)
            problem, count = outcome.launch.problem, outcome.launch.threads
            where = f"n = {problem.n}, rows = {problem.rows}, threads = {count}"
            return Failed(Stage.CHECK, f"{verdict.reason} ({where})", outcome.log, verdict.code)
        worst = max(worst, verdict)
    largest = max(
        (outcome for outcome in outcomes if outcome.launch.threads == threads),
        key=lambda outcome: outcome.launch.problem.rows * outcome.launch.problem.n**2,
    )
    problem = largest.launch.problem
    passed = Passed(len(launches), worst, min(largest.times_ns) / (problem.rows * problem.n**2))
    write_json(home / "checked.json", {"key": key, **asdict(passed)})
    return passed


def judge(outcome: Outcome, inputs: CheckInputs, rung: str = "") -> float | Fault:
    """Return the error share of a launch of the accuracy check (0 for the others), or its fault.

    NORMWISE_RUNGS are held to a normwise bound, and a library may flush subnormal values: JAX does so on CPUs, by
    design (https://github.com/jax-ml/jax/issues/26658).
    """
    problem = outcome.launch.problem
    if outcome.fault:
        return outcome.fault
    name = outcome.launch.a.removeprefix("a").removesuffix(".f64")
    if name == SUBNORMAL and rung == LIBRARY_RUNG:
        return 0.0
    if name not in (FULL, MIXED):
        expected = inputs.subnormal if name == SUBNORMAL else inputs.expected[problem.n][: problem.rows]
        verdict = compare(outcome.output, expected, digest(expected))
        if isinstance(verdict, Fault):
            return _flushed(verdict) if name == SUBNORMAL else verdict
        return 0.0
    actual = read_output(outcome.output, problem)
    if isinstance(actual, Fault):
        return actual
    if name == MIXED:
        share = digits_error(actual, inputs.mixed, normwise=rung in NORMWISE_RUNGS)
        return 0.0 if share <= 1 else Fault(FailureCode.INACCURATE, fewer_digits(share))
    share = worst_error(actual, inputs.exact)
    if share <= 1:
        return share
    return Fault(FailureCode.INACCURATE, f"its error is {share:.3g} times the bound of a sequential float64 sum")


def fewer_digits(share: float) -> str:
    """Return in words that a product of values of 53 bits has too large an error."""
    return f"its error on values of 53 bits is {share:.3g} times that of float64"


def _flushed(fault: Fault) -> Fault:
    """Return the fault of a wrong product of subnormal values."""
    if fault.code != FailureCode.WRONG_VALUES:
        return fault
    return Fault(FailureCode.FLUSHED_SUBNORMALS, f"does not compute with subnormal values: {fault.reason}")


def _key(home: Path, built: Built, launches: list[Launch], inputs: CheckInputs) -> str:
    try:
        build_key = json.loads((home / "built.json").read_text(encoding="utf-8"))["key"]
    except (OSError, ValueError, KeyError):
        build_key = None
    hashes = [digest(expected) for expected in inputs.expected.values()]
    parts = [FORMAT, build_key, built.digest, [repr(launch) for launch in launches], hashes]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _passed_before(home: Path, key: str) -> Passed | None:
    try:
        note = json.loads((home / "checked.json").read_text(encoding="utf-8"))
        return Passed(**note) if note.pop("key") == key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(folder: Path, name: str, a: np.ndarray, b: np.ndarray) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for letter, matrix in (("a", a), ("b", b)):
        (folder / f"{letter}{name}.f64").write_bytes(np.ascontiguousarray(matrix, "<f8").tobytes())
