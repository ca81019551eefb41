"""Show the hottest loop of a kernel: `loop`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from harness.cli.options import json_option, places


@click.command()
@click.argument("name", metavar="KERNEL")
@places
@json_option
def loop(name: str, config_file: Path | None, as_json: bool, **given: Any) -> None:
    """Show the machine code of the hottest loop of KERNEL, such as c/packed, and what it consists of.

    The loop is found by sampling the kernel while it computes, with one thread, built by this machine's toolchain. Of
    Python it is the bytecode.
    """
    from harness.config.kernels import kernels_of
    from harness.config.load import Options, load_config
    from harness.execute.native import NativeExecutor
    from harness.explain.inner_loops import ROOM_BYTES, InnerLoops
    from harness.explain.loop_text import text_of
    from harness.model.config import Backend
    from harness.model.errors import HarnessError, UsageError
    from harness.model.job import Absent
    from harness.prepare.stages import make_build_folder
    from harness.system.lock import host_lock
    from harness.util.console import Console
    from harness.util.scratch import scratch

    config = load_config(config_file, Options(**given))
    if given["backend"] == Backend.DOCKER:
        raise UsageError("--backend docker: programs in containers are not sampled; leave the option out")
    kernels = {kernel.id: kernel for kernel in kernels_of(config)}
    if name not in kernels:
        raise UsageError(f"KERNEL: no kernel '{name}'; there are {', '.join(kernels)}")
    executor, console = NativeExecutor(config.build_dir, config.limits, config.pages), Console()
    with host_lock(), scratch(ROOM_BYTES, config.build_dir / "scratch") as folder:
        make_build_folder(config)
        console.status(f"  building and sampling {name}")
        found = InnerLoops(executor, config, folder).of(kernels[name])
    console.clear()
    if isinstance(found, Absent):
        raise HarnessError(f"{name}: its hottest loop cannot be told: {found}")
    if as_json:
        from harness.cli.documents import document_text

        click.echo(document_text(found))
    else:
        click.echo("\n".join(text_of(found)))
