/** The rows of C, and EXTRA thousandths of them a second time: a kernel that is slower by a known share. */
public final class Work {
    private static final int EXTRA = Integer.getInteger("extra", 0);

    public static void main(String[] args) {
        Driver.main(args, Work::multiply);
    }

    static void multiply(double[][] a, double[][] b, double[][] c, int n, int rows, int threads) {
        for (int i = 0; i < rows; i++) {
            row(a[i], b, c[i], n);
        }
        for (int i = 0; i < rows * EXTRA / 1000; i++) {
            row(a[i], b, c[i], n);
        }
    }

    private static void row(double[] a, double[][] b, double[] c, int n) {
        java.util.Arrays.fill(c, 0.0);
        for (int k = 0; k < n; k++) {
            double scale = a[k];
            double[] from = b[k];
            for (int j = 0; j < n; j++) {
                c[j] += scale * from[j];
            }
        }
    }
}
