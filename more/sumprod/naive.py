# Naive, with the inner loop in C: each element is one call of math.sumprod, on a row of A and a column of B. The call
# rounds once, at the end of the sum, which takes it several additions for each product.
from math import sumprod

from driver import main


def multiply(a, b, c, n, rows, threads):
    columns = list(zip(*b, strict=True))
    for i in range(rows):
        a_i = a[i]
        c[i] = [sumprod(a_i, column) for column in columns]


if __name__ == "__main__":
    main(multiply)
