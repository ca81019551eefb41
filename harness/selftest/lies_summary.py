"""Summarise the cases of lies: in a table for each run, in a sentence, and in one table of all runs. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median

from harness.selftest.case import Case
from harness.selftest.catalogue import catalogue
from harness.selftest.table import Table

HONEST_NAME = "honest"
"""The name of the honest kernel among the cases."""

NOT_CAUGHT = "NOT CAUGHT"

PLACES = {
    "lies-docker": "in Docker",
    "lies-busy-docker": "in Docker, processors busy",
    "lies-native": "natively",
    "lies-busy-native": "natively, processors busy",
}
"""The runs of all lies, by the name of their experiment."""


def lies_table(cases: Sequence[Case]) -> Table:
    """Return the table of one experiment: each lie by its family, the check that caught it, and how long it took."""
    rows: list[tuple[str, ...]] = []
    for lie in catalogue():
        own = [case for case in cases if case.kernel == lie.name]
        if own:
            rows.append((lie.name, lie.family, verdict(own), _seconds(own)))
    honest = [case for case in cases if case.kernel == HONEST_NAME]
    rows.append((HONEST_NAME, "none", verdict(honest), _seconds(honest)))
    title = f"Kernels that cheat, {PLACES[cases[0].experiment]}"
    return Table(cases[0].experiment, title, ("kernel", "family", "caught by", "until the verdict"), rows)


def verdict(cases: Sequence[Case]) -> str:
    """Return in words what became of a kernel in all trials: the checks that failed it, the most frequent first."""
    honest = bool(cases) and cases[0].kernel == HONEST_NAME
    names = Counter(case.check or ("not accused" if honest else NOT_CAUGHT) for case in cases)
    if len(names) == 1:
        return next(iter(names))
    return ", ".join(f"{name} ({count} of {len(cases)})" for name, count in names.most_common())


def lies_sentence(cases: Sequence[Case]) -> str:
    """Return a sentence on how many lies of a run were caught, and how often the honest kernel was accused."""
    told = [case for case in cases if case.kernel != HONEST_NAME]
    honest = [case for case in cases if case.kernel == HONEST_NAME]
    caught, accused = sum(case.flagged for case in told), sum(case.flagged for case in honest)
    return (
        f"Lies {PLACES[cases[0].experiment]}: {caught} of {len(told)} were caught or gained nothing; the honest kernel "
        f"was accused in {accused} of {len(honest)} trials."
    )


def all_runs(cases: Mapping[str, Sequence[Case]]) -> Table:
    """Return one table of the last run of each experiment, by the experiments' names."""
    names = [name for name in PLACES if name in cases]
    rows: list[tuple[str, ...]] = []
    for lie in [*catalogue(), None]:
        kernel = lie.name if lie else HONEST_NAME
        own = {name: [case for case in cases[name] if case.kernel == kernel] for name in names}
        row = [kernel, lie.sentence if lie else "Computes as it should."]
        row += [f"{verdict(own[name])}, {_seconds(own[name])}" if own[name] else "–" for name in names]
        rows.append(tuple(row))
    head = ("kernel", "what it does", *(PLACES[name] for name in names))
    return Table("lies", "Kernels that cheat", head, rows)


def _seconds(cases: Sequence[Case]) -> str:
    return f"{median(case.seconds for case in cases):.1f} s"
