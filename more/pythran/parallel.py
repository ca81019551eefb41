# interchange, with the rows of C shared out evenly over the threads of OpenMP, by a directive in a comment.


# pythran export multiply(float64[:,:], float64[:,:], float64[:,:], int, int, int)
def multiply(a, b, c, n, rows, threads):
    # omp parallel for schedule(static) num_threads(threads)
    for i in range(rows):
        for j in range(n):
            c[i, j] = 0.0
        for k in range(n):
            a_ik = a[i, k]
            for j in range(n):
                c[i, j] += a_ik * b[k, j]
