"""Write and check SHA256SUMS, the manifest of a run folder, and the signature of it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from harness.audit.checks import Check, fails, holds, unchecked
from harness.model.errors import UsageError
from harness.util.files import sha256_of, write_atomic

MANIFEST = "SHA256SUMS"
"""The file, in the form that sha256sum reads and writes."""

SIGNATURE = f"{MANIFEST}.sig"
"""The signature of it, as `ssh-keygen -Y sign` names it."""

NAMESPACE = "sixty-thousand"
"""The namespace of the signature: a signature that was made for another purpose does not count."""


def hashes_of(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a folder by its name in it, but of the manifest and its signature."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    names = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: _hash(path) for name, path in names.items() if name not in (MANIFEST, SIGNATURE)}


def _hash(path: Path) -> str:
    return "a link" if path.is_symlink() else sha256_of(path)


def write_manifest(folder: Path) -> Path:
    """Write the manifest of a run folder, and remove the signature of an earlier one. Raises UsageError, OSError."""
    hashes = hashes_of(folder)
    if odd := [name for name in hashes if "\n" in name or "\\" in name or hashes[name] == "a link"]:
        raise UsageError(f"{folder}: {odd[0]!a}: a manifest holds files with ordinary names, and no links")
    write_atomic(folder / MANIFEST, "".join(f"{digest}  {name}\n" for name, digest in hashes.items()))
    (folder / SIGNATURE).unlink(missing_ok=True)
    return folder / MANIFEST


def check_manifest(folder: Path) -> list[Check]:
    """Check that the folder holds exactly the files of its manifest; none without a manifest."""
    path = folder / MANIFEST
    if not path.exists():
        return [fails(MANIFEST, "the file is missing, and its signature is there")] if _is_signed(folder) else []
    try:
        text = path.read_text(encoding="utf-8")
        wanted = {name: digest for digest, name in (line.split("  ", 1) for line in text.splitlines())}
    except (OSError, ValueError):
        return [fails(MANIFEST, "it cannot be read as lines of a SHA-256 and a name")]
    found = hashes_of(folder)
    checks = [fails(MANIFEST, f"{name} is missing") for name in wanted if name not in found]
    checks += [fails(MANIFEST, f"{name} is not in it") for name in found if name not in wanted]
    checks += [
        fails(MANIFEST, f"{name} has been changed: its SHA-256 is another one")
        for name in wanted
        if name in found and found[name] != wanted[name]
    ]
    return checks or [holds(MANIFEST, f"all {len(wanted)} files have their SHA-256")]


def _is_signed(folder: Path) -> bool:
    return (folder / SIGNATURE).exists()


def check_signature(folder: Path, signers: Path | None) -> list[Check]:
    """Check the signature of the manifest by the keys of `signers`; none without a signature, if none is asked for."""
    manifest, signature = folder / MANIFEST, folder / SIGNATURE
    if signers and not signers.is_file():
        raise UsageError(f"--signer: {signers}: no such file; expected the form of ALLOWED SIGNERS in ssh-keygen(1)")
    if not (_is_signed(folder) and manifest.exists()):
        return [fails("signature", f"{SIGNATURE} is missing, so that nobody has signed the run")] if signers else []
    if shutil.which("ssh-keygen") is None:
        return [unchecked("signature", "ssh-keygen is not installed: sudo apt-get install openssh-client")]
    of_file = ("-n", NAMESPACE, "-s", str(signature))
    if signers is None:
        done = _ssh_keygen("check-novalidate", *of_file, data=manifest)
        if done.returncode:
            return [fails("signature", f"it is not one of this {MANIFEST}")]
        return [unchecked("signature", f"made by {_key(done.stdout)}; name your allowed_signers file with --signer")]
    names = _ssh_keygen("find-principals", "-f", str(signers), "-s", str(signature)).stdout.splitlines()
    if not names:
        return [fails("signature", f"its key is none of those in {signers}")]
    done = _ssh_keygen("verify", "-f", str(signers), "-I", names[0], *of_file, data=manifest)
    if done.returncode:
        return [fails("signature", f"it is not one that {names[0]} made of this {MANIFEST}")]
    return [holds("signature", f"made by {names[0]}, with {_key(done.stdout)}")]


def _ssh_keygen(task: str, *words: str, data: Path | None = None) -> subprocess.CompletedProcess[str]:
    text = data.read_text(encoding="utf-8", errors="surrogateescape") if data else ""
    command = ["ssh-keygen", "-Y", task, *words]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False, errors="surrogateescape")


def _key(output: str) -> str:
    """Return the key in a line such as 'Good "file" signature with ED25519 key SHA256:...'."""
    return output.strip().rpartition(" with ")[2] or "an unknown key"
