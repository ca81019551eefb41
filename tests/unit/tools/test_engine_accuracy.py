"""The error measure that the engine kernels are held to."""

from __future__ import annotations

import numpy as np

from tools.engine_accuracy import error_share


def test_an_entry_that_is_wrong_in_its_last_bits_is_seen():
    a, b = np.random.default_rng(1).uniform(-1, 1, (2, 40, 40))
    c = np.array([[float(sum(map(float.__mul__, row, column))) for column in b.T.tolist()] for row in a.tolist()])
    every = np.arange(40)

    honest = error_share(c, a, b, every, every)
    c[3, 5] += 40 * 2.0**-52 * (np.abs(a) @ np.abs(b))[3, 5]

    assert 0 < honest < 40 * 2.0**-53
    assert error_share(c, a, b, every, every) > 2 * honest
