"""Print the JSON schemas of the project's files: `schema`."""

from __future__ import annotations

from importlib import import_module

import click

MODULES = {
    "config": "harness.config.load",
    "kernel": "harness.config.kernel_file",
    "run": "harness.store.record",
    "sample": "harness.store.sample_log",
}
"""The module that reads each file, and so has its schema."""


@click.command()
@click.argument("name", required=False, default="kernel", type=click.Choice(tuple(MODULES)))
def schema(name: str) -> None:
    """Print the JSON schema of config.yaml, kernel.yaml (the default), run.json, or a line of samples.jsonl."""
    from harness.util.json_documents import json_text

    click.echo(json_text(import_module(MODULES[name]).schema()))
