# The naive loops on lists of floats.
from driver import Values, run


def multiply(a: Values, b: Values, mut c: Values, n: Int, rows: Int, threads: Int):
    for i in range(rows):
        for j in range(n):
            var total = Float64(0)
            for k in range(n):
                total += a[i * n + k] * b[k * n + j]
            c[i * n + j] = total


def main() raises:
    run[multiply]()
