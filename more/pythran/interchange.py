# The loops of interchange, translated to C++ for the types that the comment exports.


# pythran export multiply(float64[:,:], float64[:,:], float64[:,:], int, int, int)
def multiply(a, b, c, n, rows, threads):
    for i in range(rows):
        for j in range(n):
            c[i, j] = 0.0
        for k in range(n):
            a_ik = a[i, k]
            for j in range(n):
                c[i, j] += a_ik * b[k, j]
