"""Started as: program A B C n rows threads reps. Reads A and B, times multiply `reps` times, writes C."""

import sys
from array import array
from time import perf_counter_ns


def read_arguments():
    """The paths of A, B and C, then n, rows, threads and reps."""
    if len(sys.argv) != 8:
        sys.exit("usage: A B C n rows threads reps")
    numbers = {}
    for position, name in enumerate(("n", "rows", "threads", "reps"), start=4):
        text = sys.argv[position]
        if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= 2**30:
            sys.exit(f"{name}: not a whole number from 1 to 2^30")
        numbers[name] = int(text)
    if numbers["rows"] > numbers["n"]:
        sys.exit("rows: more than n")
    return *sys.argv[1:4], *numbers.values()


def load(path, rows, n):
    """The first `rows` rows, a list of floats each; the file may be longer."""
    matrix = []
    with open(path, "rb") as file:
        for _ in range(rows):
            data = file.read(8 * n)
            if len(data) < 8 * n:
                raise EOFError(f"{path}: file is too short")
            matrix.append(little_endian(array("d", data)).tolist())
    return matrix


def zeros(rows, n):
    return [[0.0] * n for _ in range(rows)]


def save(path, matrix):
    with open(path, "wb") as file:
        for row in matrix:
            little_endian(array("d", row)).tofile(file)


def little_endian(row):
    if sys.byteorder == "big":
        row.byteswap()
    return row


def main(multiply, load=load, zeros=zeros, save=save):
    """multiply(a, b, c, n, rows, threads): c[rows x n] = a[rows x n] . b[n x n], in the form that load() gives.

    c may hold anything on entry. No more than `threads` threads or processes may compute.
    """
    path_a, path_b, path_c, n, rows, threads, reps = read_arguments()
    try:
        a = load(path_a, rows, n)
        b = load(path_b, n, n)
        c = zeros(rows, n)
        for _ in range(reps):
            start = perf_counter_ns()
            multiply(a, b, c, n, rows, threads)
            print(max(1, perf_counter_ns() - start), flush=True)
        save(path_c, c)
    except (OSError, EOFError, MemoryError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
