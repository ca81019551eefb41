"""Define the settings of an attempt."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harness.model.config import Config


@dataclass(frozen=True)
class Settings:
    """The settings of an attempt.

    `config` has the seed of this attempt, `common_seed` is that of the user's configuration: other kernels are checked
    with it, and their checks are kept. `like` names kernels whose build and driver files have. With `all_threads`, a
    file has all threads of the configuration even if its kernel has one.
    """

    config: Config
    common_seed: int
    like: tuple[str, ...]
    all_threads: bool


def settings_of(config: Config, seed: int, rounds: int, like: tuple[str, ...], all_threads: bool) -> Settings:
    """Return the settings of an attempt with this configuration, this seed and this number of rounds."""
    # few rounds suffice, since all kernels are measured in each; the smallest case that is wrong comes first
    own = replace(config, seed=seed, rounds=rounds, check_sizes=tuple(sorted(config.check_sizes)))
    return Settings(own, config.seed, like, all_threads)
