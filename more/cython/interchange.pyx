# cython: boundscheck=False, wraparound=False
# The loops of interchange, with types. Cython cannot say that a row of C overlaps no row of B: gcc checks it as it runs.


def multiply(
    const double[:, ::1] a, const double[:, ::1] b, double[:, ::1] c, Py_ssize_t n, Py_ssize_t rows, int threads
):
    cdef Py_ssize_t i, j, k
    cdef double a_ik
    for i in range(rows):
        for j in range(n):
            c[i, j] = 0.0
        for k in range(n):
            a_ik = a[i, k]
            for j in range(n):
                c[i, j] += a_ik * b[k, j]
