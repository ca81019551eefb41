// The textbook's i, j, k loops over arrays.
static class Rung {
    public static void Multiply(double[] a, double[] b, double[] c, int n, int rows) {
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < n; j++) {
                double total = 0;
                for (int k = 0; k < n; k++) total += a[i * n + k] * b[k * n + j];
                c[i * n + j] = total;
            }
    }
}
