# cython: boundscheck=False, wraparound=False
# The naive loops, with types: Cython translates them to those that C has, on the memory of NumPy's arrays.


def multiply(
    const double[:, ::1] a, const double[:, ::1] b, double[:, ::1] c, Py_ssize_t n, Py_ssize_t rows, int threads
):
    cdef Py_ssize_t i, j, k
    cdef double total
    for i in range(rows):
        for j in range(n):
            total = 0.0
            for k in range(n):
                total += a[i, k] * b[k, j]
            c[i, j] = total
