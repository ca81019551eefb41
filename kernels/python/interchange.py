# what changes: the j and k loops change places
# why it is faster: the inner loop stays in one row of B and one of C: a look-up less a step, and memory read in order
# what limits it now: the interpreter: each step decodes several instructions and makes new float objects
# how it is built: not at all: CPython as it comes, lists of lists of floats, rows taken once where they stay the same
from driver import main


def multiply_row(a_i, b, c_i, n):
    for j in range(n):
        c_i[j] = 0.0
    for k in range(n):
        a_ik = a_i[k]
        b_k = b[k]
        for j in range(n):
            c_i[j] += a_ik * b_k[j]


def multiply(a, b, c, n, rows, threads):
    for i in range(rows):
        multiply_row(a[i], b, c[i], n)


if __name__ == "__main__":
    main(multiply)
