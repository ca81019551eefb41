"""60,000x: the same matrix product in many languages, checked bit by bit and measured."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("sixty-thousand")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+source"
