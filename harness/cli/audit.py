"""Check stored runs: `verify`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from harness.cli.options import config_option, json_option
from harness.model.errors import UsageError


@click.command()
@click.argument("run", required=False, metavar="[RUN]")
@click.option(
    "--signer",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Require a signature by a key in FILE, an allowed_signers file of ssh-keygen.",
)
@click.option("--manifest", is_flag=True, help="Write SHA256SUMS, which 'ssh-keygen -Y sign' signs, if the run holds.")
@config_option
@json_option
def verify(run: str | None, signer: Path | None, manifest: bool, config_file: Path | None, as_json: bool) -> None:
    """Check a stored run: recompute its figures from its samples, its inputs from their seed, and all hashes.

    RUN is its folder or id, by default the newest run.

    Exit status: 0 all that can be checked holds, 1 something does not hold, 2 bad usage.
    """
    from harness.audit.checks import lines
    from harness.audit.command import Here
    from harness.audit.command import verify as verify_run
    from harness.audit.manifest import write_manifest
    from harness.config.load import load_config
    from harness.store.run_folder import find_run
    from harness.util.paths import ROOT

    if manifest and signer:
        raise UsageError("--manifest, --signer: expected one of the two, since a new manifest has no signature yet")
    config = load_config(config_file)
    folder = find_run(config.reports_dir, run)
    here = Here((config.kernels_dir, ROOT / "more"), config.build_dir)
    audit = verify_run(folder, signer, here, with_manifest=not manifest)
    if as_json:
        from harness.cli.documents import document_text

        click.echo(document_text(audit))
    else:
        click.echo("\n".join(lines(audit)))
    if manifest and audit.holds:
        path = write_manifest(folder)
        click.echo(f"To sign the run: ssh-keygen -Y sign -f ~/.ssh/id_ed25519 -n sixty-thousand {path}", err=True)
    sys.exit(0 if audit.holds else 1)
