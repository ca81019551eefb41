"""Make of a kernel one for x86-64-v3, whose instructions valgrind knows: the language's own build for another CPU."""

from __future__ import annotations

from dataclasses import replace

from harness.model.kernel import Kernel

NAME = "x86-64-v3"
"""The level of x86-64 with AVX2 and FMA, and without AVX-512."""

NATIVE = {
    "-march=native": f"-march={NAME}",
    "target-cpu=native": f"target-cpu={NAME}",
    "-mcpu=native": f"-mcpu={NAME.replace('-', '_')}",
    # Numba takes the CPU from its environment; no features beside those of the name
    "python3 numba_cached.py": f"env NUMBA_CPU_NAME={NAME} NUMBA_CPU_FEATURES= python3 numba_cached.py",
    "NUMBA_BUILT=": f"NUMBA_CPU_NAME={NAME} NUMBA_CPU_FEATURES= NUMBA_BUILT=",
}
"""How the languages say in kernel.yaml that a build is for this machine's CPU, and how they say NAME."""


def for_known_instructions(kernel: Kernel) -> Kernel | None:
    """Return the kernel built for NAME; None if nothing in its commands names the CPU."""
    other = replace(
        kernel,
        flags=_replaced(kernel.flags),
        build=tuple(map(_replaced, kernel.build)),
        run=_replaced(kernel.run),
    )
    return None if other == kernel else other


def _replaced(command: str) -> str:
    for native, named in NATIVE.items():
        command = command.replace(native, named)
    return command
