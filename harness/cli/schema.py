"""Print the JSON schemas of the project's files, and of what --json prints: `schema`."""

from __future__ import annotations

from importlib import import_module

import click

FILES = {
    "config": "harness.config.load",
    "kernel": "harness.config.kernel_file",
    "run": "harness.store.record",
    "sample": "harness.store.sample_log",
}
"""The module that reads each file, and so has its schema."""

COMMANDS = ("list", "doctor", "check", "compare", "report", "ab", "try", "loop", "why", "verify")
"""The commands whose --json has a schema: harness.cli.documents.DOCUMENTS, named here so that --help loads nothing."""


@click.command()
@click.argument("name", required=False, default="kernel", type=click.Choice((*FILES, *COMMANDS)))
def schema(name: str) -> None:
    """Print the JSON schema of a file, or of what a command prints with --json.

    Files: config.yaml, kernel.yaml (the default), run.json (run), and a line of samples.jsonl (sample). Commands: list,
    doctor, check and build (check), compare, report and run-all (report), ab, try, loop, why, verify.
    """
    from harness.util.json_documents import json_text

    if name in FILES:
        definition = import_module(FILES[name]).schema()
    else:
        from harness.cli import documents

        definition = documents.schema(name)
    click.echo(json_text(definition))
