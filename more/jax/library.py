# JAX's matrix product on the CPU, compiled by XLA at the first call. XLA starts a thread for each processor that it may
# use: it may use as many as the kernel may.
import os

import ndarrays

processors = sorted(os.sched_getaffinity(0))
os.sched_setaffinity(0, processors[: int(ndarrays.threads)])

import jax  # noqa: E402 - it counts the processors while it loads


@jax.jit
def product(a, b):
    return a @ b


def multiply(a, b, c, n, rows, threads):
    c[:] = [product(a, b).block_until_ready()]


def load(path, rows, n):
    return jax.numpy.asarray(ndarrays.load(path, rows, n))


def zeros(rows, n):
    return []  # an array of JAX never changes: a call makes a new one


def save(path, c):
    ndarrays.save(path, ndarrays.np.asarray(c[0]))


if __name__ == "__main__":
    ndarrays.driver.main(multiply, load, zeros, save)
