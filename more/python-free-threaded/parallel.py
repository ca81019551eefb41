# interchange, with the rows of C shared out evenly over threads, which no lock keeps from computing at the same time.
from driver import main
from interchange import multiply_row
from machine import run_all


def multiply_rows(a, b, c, n, first, last):
    for i in range(first, last):
        multiply_row(a[i], b, c[i], n)


def multiply(a, b, c, n, rows, threads):
    parts = [(rows * t // threads, rows * (t + 1) // threads) for t in range(threads)]
    run_all(multiply_rows, [(a, b, c, n, first, last) for first, last in parts], threads)


if __name__ == "__main__":
    main(multiply)
