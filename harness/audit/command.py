"""Check a run folder, from its manifest to its page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.analysis.results import results_of
from harness.audit.checks import Audit, Check, audit_of, fails, unchecked
from harness.audit.figures import check_report, check_tables, check_totals
from harness.audit.manifest import check_manifest, check_signature
from harness.audit.origins import check_artefacts, check_inputs, check_launches, check_sources
from harness.config.kernels import load_kernels
from harness.model.errors import HarnessError, UsageError
from harness.model.kernel import Kernel
from harness.model.sample import Sample
from harness.store.run_folder import Store
from harness.store.sample_log import FILE, SampleLog
from harness.system.host import memory_bytes


@dataclass(frozen=True)
class Here:
    """What this machine has to compare a run with: the folders of languages, and the folder of its own builds."""

    kernels_dirs: tuple[Path, ...] = ()
    builds: Path | None = None


def verify(folder: Path, signers: Path | None = None, here: Here | None = None, with_manifest: bool = True) -> Audit:
    """Check everything in a run folder that can be checked here. Raises UsageError for a wrong `signers`."""
    checks = [*check_manifest(folder), *check_signature(folder, signers)] if with_manifest else []
    try:
        store = Store.open(folder)
    except UsageError as error:
        file = FILE if FILE in str(error) else "run.json"
        damaged = fails(file, str(error).removeprefix(f"{folder / file}: "))
        return audit_of(folder, folder.name, (*checks, damaged))
    try:
        for check in _check_store(store, here or Here()):
            checks.append(check)
    except Exception as error:  # a stranger's run may hold values that no run of this program has
        checks.append(fails("run.json", f"its values contradict each other: {type(error).__name__}: {error}"))
    return audit_of(folder, store.record.id, tuple(checks))


def _check_store(store: Store, here: Here) -> Iterator[Check]:
    record, samples = store.record, _all(store)
    path = store.folder / FILE
    if not path.exists():
        yield fails(FILE, "the file is missing")
    elif record.finished_at and samples and not path.read_bytes().endswith(b"\n"):
        yield fails(FILE, "its last line is incomplete, though the run was finished")
    own = [sample for kernel in record.kernels for sample in store.samples(kernel.id)]
    yield check_launches(samples, (kernel.id for kernel in record.kernels))
    results = results_of(store)
    yield check_totals(results, {sample.launch: sample.launch_wall_ns for sample in own}.values())
    yield from check_tables(store.folder, results)
    yield from check_report(store.folder, results)
    yield from _check_origins(store, here)


def _check_origins(store: Store, here: Here) -> Iterator[Check]:
    record = store.record
    by_size = {record.config.n: _all(store)} | {n: _all(store.at_size(n)) for n in store.sizes()}
    try:
        yield from check_inputs(record, by_size, memory_bytes())
    except HarnessError as error:
        yield unchecked("inputs", str(error))
    yield from check_sources(record, _own_kernels(here.kernels_dirs))
    yield check_artefacts(record, here.builds)


def _own_kernels(folders: tuple[Path, ...]) -> dict[str, Kernel]:
    """Return the kernels that lie here, by id; a folder that cannot be read has none."""
    kernels: dict[str, Kernel] = {}
    for folder in folders:
        try:
            kernels |= {kernel.id: kernel for kernel in load_kernels(folder)}
        except (HarnessError, OSError):
            continue
    return kernels


def _all(log: SampleLog) -> list[Sample]:
    """Return the samples of a log, of kernels that are none of the run's, too."""
    return [sample for kernel in log.kernels for sample in log.samples(kernel)]
