"""The errors that a user can put right."""

from __future__ import annotations


class HarnessError(Exception):
    """Something that the user can put right; its text is the one sentence to show."""


class UsageError(HarnessError):
    """Bad usage or a bad file: exit status 2."""
