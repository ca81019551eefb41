"""Define the errors that a user can correct."""

from __future__ import annotations


class HarnessError(Exception):
    """An error that the user can correct; its text is one sentence to show."""


class UsageError(HarnessError):
    """An error of usage or of a file: exit status 2."""
