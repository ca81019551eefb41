"""Show an examination of this machine as lines for the terminal. Pure."""

from __future__ import annotations

from harness.model.counters import CounterSupport
from harness.model.energy import EnergySupport
from harness.model.job import Absent
from harness.prepare.examination import EngineState, Examination, Folders, ToolchainState
from harness.util.chip import chip_name, count_processors
from harness.util.command_line import own_command
from harness.util.format import size

CONFINEMENT = (
    "native      limits time, memory, processes, file sizes and processors, and kills processes left behind;",
    "            kernels can use the network and other folders, which only --backend docker prevents",
)
"""What an ordinary user can limit, and what takes a container."""


def lines(examination: Examination) -> list[str]:
    """Return what the machine has and lacks."""
    machine, features = examination.machine, examination.vector_features
    toolchains = [
        f"{each.language:<11} {each.version or f'missing: {Absent(each.reason, each.remedy)}'}"
        for each in examination.toolchains
    ]
    return [
        f"machine     {chip_name(machine)}, {count_processors(machine)}, {size(machine.memory_bytes)}, {machine.os}",
        "cpu         " + ", ".join(f"{name} {'yes' if has else 'no'}" for name, has in features.items()),
        "caches      " + ", ".join(machine.caches),
        f"counters    {_counters(examination.counters)}",
        f"energy      {_energy(examination.energy)}",
        *_folders(examination.folders),
        f"docker      {_engine(examination.engine)}",
        *CONFINEMENT,
        *toolchains,
        f"counts      {_counting(examination.counting)}",
        *(f"{each.kernel}: skipped: {each.reason}" for each in examination.skipped),
        *(f"noise       {each.observation} ({each.remedy})" for each in examination.noise),
        "All toolchains are installed." if examination.complete else "'doctor --install' installs missing toolchains.",
    ]


def _folders(folders: Folders) -> list[str]:
    return [
        f"project     {folders.project}" + (", installed" if folders.installed else ""),
        f"builds      {folders.builds}, {size(folders.builds_bytes)}, which '{own_command()} clean' removes",
        *([f"            {folders.note}"] if folders.note else []),
        f"reports     {folders.reports}",
    ]


def _counters(support: CounterSupport) -> str:
    if not support.sets:
        return f"no: {Absent(support.reason, support.remedy)}"
    return ", ".join(dict.fromkeys(event.name for events in support.sets for event in events))


def _energy(support: EnergySupport) -> str:
    if not support.idle_w:
        return f"no: {Absent(support.reason, support.remedy)}"
    return ", ".join(f"{domain} {power:.1f} W at rest" for domain, power in support.idle_w.items())


def _counting(valgrind: ToolchainState) -> str:
    if not valgrind.reason:
        return valgrind.version
    return f"optional, and missing: {Absent(valgrind.reason, valgrind.remedy)}: instructions are not counted without it"


def _engine(engine: EngineState) -> str:
    if not engine.version:
        return f"no: {engine.reason}"
    state = f"with the base image {engine.base_image}" if engine.base_image else f"but {engine.reason}"
    return f"engine {engine.version}, {engine.traits + ', ' if engine.traits else ''}{state}"
