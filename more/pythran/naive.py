# The naive loops, unchanged: Pythran translates them to C++ for the types that the comment exports.


# pythran export multiply(float64[:,:], float64[:,:], float64[:,:], int, int, int)
def multiply(a, b, c, n, rows, threads):
    for i in range(rows):
        for j in range(n):
            total = 0.0
            for k in range(n):
                total += a[i, k] * b[k, j]
            c[i, j] = total
