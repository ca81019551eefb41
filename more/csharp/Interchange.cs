// i, k, j loops: the inner one runs along rows of B and C. Mono does not vectorise it.
using System;

static class Rung {
    public static void Multiply(double[] a, double[] b, double[] c, int n, int rows) {
        Array.Clear(c, 0, rows * n);
        for (int i = 0; i < rows; i++)
            for (int k = 0; k < n; k++) {
                double aik = a[i * n + k];
                for (int j = 0; j < n; j++) c[i * n + j] += aik * b[k * n + j];
            }
    }
}
