"""Start the command that the user names. `--help` and `list` load neither pandas nor a chart library."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import pwd
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any, NoReturn

import click

from harness import __version__
from harness.cli import ab, attempt, audit, compare, experiments, explain, hosts, kernels, loop, measure, runs, schema
from harness.model.errors import HarnessError, UsageError
from harness.util.command_line import missing_module
from harness.util.paths import INSTALLED, ROOT

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class _Group(click.Group):
    """A group that turns every error into one sentence and an exit status. No traceback reaches the user."""

    def invoke(self, ctx: click.Context) -> Any:
        signal.signal(signal.SIGTERM, _interrupt)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as it is under nohup
            signal.signal(signal.SIGHUP, _interrupt)
        for stream in (sys.stdout, sys.stderr):
            # in a locale that is not UTF-8, a times sign or the name of a folder must not end a run
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.exceptions.Abort):
            raise  # click prints its own sentence and exits with status 2
        except UsageError as error:
            _stop(str(error), 2)
        except HarnessError as error:
            _stop(str(error), 1)
        except ModuleNotFoundError as error:
            _stop(missing_module(error.name), 2)
        except KeyboardInterrupt:
            _stop("interrupted", 130)
        except BrokenPipeError:  # the reader of the output has ended, as `head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        except OSError as error:
            _stop(f"{error.filename or 'the system'}: {error.strerror or error}{_remedy(error)}", 1)
        except UnicodeEncodeError as error:  # a name with signs that no file name can have in this locale
            sign = error.object[error.start : error.end]
            _stop(f"the locale's encoding, {error.encoding}, has no {sign!a}: set LC_ALL=C.UTF-8", 2)
        except Exception as error:  # a defect of the harness: the traceback goes to a file
            log = Path(tempfile.gettempdir()) / f"60000x-error-{os.getpid()}.log"
            log.write_text(traceback.format_exc(), encoding="utf-8", errors="backslashreplace")
            _stop(f"internal error: {type(error).__name__}: {error}; please report it with {log}", 1)


def _remedy(error: OSError) -> str:
    """Return what to do about an error of the operating system, where that is known."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "; make room there, or name another folder with --out or paths.build; --resume continues a run"
    if not isinstance(error, PermissionError):
        return ""
    with contextlib.suppress(OSError, KeyError, TypeError):
        # the nearest folder that exists: a first run as root leaves files that the user cannot replace
        path = Path(error.filename)
        nearest = next(folder for folder in (path, *path.parents) if folder.exists())
        owner = nearest.stat().st_uid
        if owner != os.getuid():
            # all of a checkout; of an installed package's files, those that this user cannot replace
            folder = nearest if INSTALLED else ROOT
            return f"; it belongs to {pwd.getpwuid(owner).pw_name}: sudo chown -R $USER {folder}"
    return ""


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _stop(message: str, status: int) -> NoReturn:
    for line in message.splitlines():
        click.echo(f"harness: {line}", err=True)
    sys.exit(status)


@click.group(cls=_Group, context_settings=CONTEXT)
@click.version_option(__version__, prog_name="harness")
def main() -> None:
    """Multiply two matrices in many languages, check every bit, and measure how fast each is."""


for command in (
    measure.run_all,
    ab.ab,
    kernels.list_kernels,
    kernels.doctor,
    kernels.build,
    kernels.check,
    kernels.new,
    attempt.try_,
    loop.loop,
    explain.why,
    explain.count,
    schema.schema,
    runs.report,
    runs.serve,
    runs.image,
    runs.export_run,
    experiments.selftest,
    compare.compare,
    audit.verify,
    hosts.hosts,
    kernels.clean,
):
    main.add_command(command)
