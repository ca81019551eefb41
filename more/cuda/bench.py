"""Check and measure rungs on a machine with a GPU: `python3 bench.py [--n 4096]...`, with NumPy alone.

Builds each rung by build.sh, or takes it from --programs, and runs it by the contract of docs/adding-a-language.md:
first at small n with the result compared bit by bit, then at every --n, in rounds. Prints a table in Markdown.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np

HERE = Path(__file__).parent
RUNGS = {
    "naive": "naive.cu",
    "tiled": "tiled.cu",
    "packed": "packed.cu",
    "engine": "engine.cu",
    "engine-wgmma": "engine.cu",
    "library-cublas": "library_cublas.cu",
}
CHECK_SIZES = (1, 2, 3, 17, 64, 100, 257)
EXIT_SKIP = 77


class LaunchError(Exception):
    """A launch failed, or its result is wrong. The text is the reason."""


def inputs(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return A and B: multiples of 2^-20, so that every sum of products is exact up to n = 2^14, in any order."""
    random = np.random.default_rng(seed)
    return tuple(random.integers(-(2**19), 2**19 + 1, (n, n)) / 2**20 for _ in range(2))


def write(folder: Path, n: int) -> np.ndarray:
    """Write A and B of this n to the folder; return their product."""
    a, b = inputs(n)
    a.tofile(folder / "a")
    b.tofile(folder / "b")
    return a @ b + 0.0  # no negative zeros


def launch(program: Path, folder: Path, expected: np.ndarray, rows: int, calls: int) -> dict[str, list[str]]:
    """Run a rung on the matrices of the folder, and return the values of its lines by their first word.

    Raises LaunchError.
    """
    n = len(expected)
    words = [program, "a", "b", "c", n, rows, 1, calls]
    done = subprocess.run(list(map(str, words)), cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
        raise LaunchError(f"skipped: {reason}" if done.returncode == EXIT_SKIP else f"failed: {reason}")
    result = np.fromfile(folder / "c").reshape(rows, n) + 0.0
    if result.tobytes() != expected[:rows].tobytes():
        wrong = int(np.sum(result != expected[:rows]))
        raise LaunchError(f"wrong: {wrong} of {result.size} values at n = {n}, rows = {rows}")
    lines: dict[str, list[str]] = {"ns": [], "device_ns": [], "device": [], "driver": []}
    for line in done.stdout.splitlines():
        key, _, value = line.partition(" ")
        lines["ns" if key.isdecimal() else key].append(value or key)
    return lines


def check(program: Path, folder: Path) -> dict[str, list[str]]:
    """Check a rung at every small size, with all rows and with fewer; return the lines of the last launch."""
    for n in CHECK_SIZES:
        expected = write(folder, n)
        for rows in dict.fromkeys((n, (n + 2) // 3)):
            lines = launch(program, folder, expected, rows, 2)
    return lines


def build(rung: str, folder: Path) -> Path:
    """Build a rung into the folder. Raises LaunchError with the first line of the compiler's error."""
    flags = ["-DWARP_GROUPS"] if rung == "engine-wgmma" else []
    out = folder / rung
    done = subprocess.run(
        ["sh", "build.sh", str(out), RUNGS[rung], *flags], cwd=HERE, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise LaunchError(f"not built: {((done.stderr + done.stdout).strip() or 'no reason given').splitlines()[0]}")
    return out


def measure(programs: dict[str, Path], folder: Path, n: int, rounds: int, calls: int) -> dict[str, tuple[float, float]]:
    """Return the median time of a call of each rung in seconds, with transfers and on the device alone.

    The first call of each launch does not count. A rung that fails at this n is left out, with a line that says why.
    """
    expected, times = write(folder, n), {rung: ([], []) for rung in programs}
    for number in range(rounds):
        order = list(times)
        for rung in order[number % len(order) :] + order[: number % len(order)] if order else []:
            try:
                lines = launch(programs[rung], folder, expected, n, 1 + calls)
            except LaunchError as error:
                print(f"{rung} at n = {n}: {error}", file=sys.stderr)
                del times[rung]
                continue
            for found, key in zip(times[rung], ("ns", "device_ns"), strict=True):
                found.append(median(map(int, lines[key][1:])) / 1e9)
    return {rung: (median(call), median(device)) for rung, (call, device) in times.items()}


def table(n: int, figures: dict[str, tuple[float, float]]) -> list[str]:
    """Return the lines of a table: times, rates, and the speed on the device relative to cuBLAS."""
    reference = figures.get("library-cublas")
    lines = [
        f"| n = {n} | time with transfers | on the device | GFLOPS on the device | cuBLAS = 1 |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for rung, (call_s, device_s) in figures.items():
        relative = f"{reference[1] / device_s:.3f}" if reference else "-"
        rate = 2 * n**3 / device_s / 1e9
        lines.append(f"| `cuda/{rung}` | {call_s * 1e3:.3f} ms | {device_s * 1e3:.3f} ms | {rate:.0f} | {relative} |")
    return lines


def main() -> int:
    """Check and measure the rungs; return 1 if one failed or none could run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--n", type=int, action="append", help="size to measure at; may be given again (4096)")
    parser.add_argument("--only", choices=RUNGS, action="append", help="rung; may be given again (all)")
    parser.add_argument("--programs", type=Path, help="folder of programs that were built before, by the rungs' names")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=5, help="calls of a launch after its first")
    options = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as name:
        folder, programs, device = Path(name), {}, ""
        for rung in options.only or RUNGS:
            try:
                program = options.programs.resolve() / rung if options.programs else build(rung, folder)
                lines = check(program, folder)
            except (LaunchError, OSError) as error:
                print(f"{rung}: {error}", file=sys.stderr)
                failed = failed or not str(error).startswith("skipped")
                continue
            programs[rung] = program
            device = f"{lines['device'][0]}, {lines['driver'][0]}"
            print(f"{rung}: every bit is right at n = {', '.join(map(str, CHECK_SIZES))}", file=sys.stderr)
        for n in options.n or [4096] if programs else []:
            print(f"\n{device}; medians of {options.rounds} launches of {options.calls} calls:\n")
            print("\n".join(table(n, measure(programs, folder, n, options.rounds, options.calls))))
    return 1 if failed or not programs else 0


if __name__ == "__main__":
    sys.exit(main())
