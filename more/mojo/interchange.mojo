# The loops of interchange on lists of floats.
from driver import Values, run


def multiply(a: Values, b: Values, mut c: Values, n: Int, rows: Int, threads: Int):
    for i in range(rows):
        for j in range(n):
            c[i * n + j] = 0
        for k in range(n):
            var a_ik = a[i * n + k]
            for j in range(n):
                c[i * n + j] += a_ik * b[k * n + j]


def main() raises:
    run[multiply]()
