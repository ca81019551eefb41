"""Say what confines tried files, and what does not. Pure."""

from __future__ import annotations

from harness.model.config import Backend

DOCKER = (
    "Each entry was built and run in containers of its own, without network, and saw no file of another entry. Docker "
    "shares the kernel of this machine with them, and is no boundary against a hostile author: for such entries, make "
    "gVisor (runsc) the engine's default runtime, or run all of it in a virtual machine."
)

NATIVE = (
    "Nothing confined the entries: each ran with all rights of this user. It could read and change this user's files, "
    "those of other entries, the expected results and this page, use the network, and leave processes behind."
)


def confinement(backend: Backend) -> str:
    """Return what confined the entries of a folder, and what did not."""
    return DOCKER if backend == Backend.DOCKER else NATIVE


def refusal(folder: str, why: str) -> str:
    """Return why the entries of a folder are not run without containers, and what to do."""
    return (
        f"{folder}: its entries would run without containers ({why}), with all rights of this user: start a Docker "
        "engine, or give --trust if you would run each of them by hand"
    )
