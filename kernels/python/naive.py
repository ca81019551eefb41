# what changes: nothing yet: the i, j, k loops of the textbook, each sum kept in a local variable
# why it is faster: it is the start of the ladder: the loops run inside a function, where names are looked up by number
# what limits it now: the interpreter: each step decodes several instructions and makes new float objects
# how it is built: not at all: CPython as it comes, lists of lists of floats, rows taken once where they stay the same
from driver import main


def multiply(a, b, c, n, rows, threads):
    for i in range(rows):
        a_i = a[i]
        c_i = c[i]
        for j in range(n):
            total = 0.0
            for k in range(n):
                total += a_i[k] * b[k][j]
            c_i[j] = total


if __name__ == "__main__":
    main(multiply)
