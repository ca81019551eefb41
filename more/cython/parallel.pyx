# cython: boundscheck=False, wraparound=False
# interchange, with the rows of C shared out evenly over the threads of OpenMP, which need no lock of the interpreter.
from cython.parallel cimport prange


cdef void multiply_row(
    const double[:, ::1] a, const double[:, ::1] b, double[:, ::1] c, Py_ssize_t n, Py_ssize_t i
) noexcept nogil:
    cdef Py_ssize_t j, k
    cdef double a_ik
    for j in range(n):
        c[i, j] = 0.0
    for k in range(n):
        a_ik = a[i, k]
        for j in range(n):
            c[i, j] += a_ik * b[k, j]


def multiply(
    const double[:, ::1] a, const double[:, ::1] b, double[:, ::1] c, Py_ssize_t n, Py_ssize_t rows, int threads
):
    cdef Py_ssize_t i
    for i in prange(rows, nogil=True, schedule="static", num_threads=threads):
        multiply_row(a, b, c, n, i)
