"""Matrices as NumPy arrays, for the rungs whose users keep them so. Import it before the libraries that it limits."""

import os

import driver

*_, threads, _ = driver.read_arguments()
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = str(threads)

import numpy as np  # noqa: E402 - the libraries read the limit while they load


def load(path, rows, n):
    values = np.fromfile(path, dtype="<f8", count=rows * n)
    if values.size < rows * n:
        raise EOFError(f"{path}: file is too short")
    return values.astype(np.float64, copy=False).reshape(rows, n)


def zeros(rows, n):
    return np.zeros((rows, n))


def save(path, matrix):
    with open(path, "wb") as file:
        file.write(matrix.astype("<f8", copy=False))


def main(multiply):
    driver.main(multiply, load, zeros, save)
