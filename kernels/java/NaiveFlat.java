// what changes: nothing yet: the i, j, k loops of the textbook, each sum kept in a local variable
// why it is faster: a matrix is one array, as in C: a step down a column of B is an addition, and looks up no row
// what limits it now: B is read down its columns: each step needs another cache line
// how it is built: as naive; its users write double[][], which naive is
final class NaiveFlat {
    static void multiply(double[] a, double[] b, double[] c, int n, int rows, int threads) {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < n; j++) {
                double total = 0.0;
                for (int k = 0; k < n; k++) {
                    total += a[i * n + k] * b[k * n + j];
                }
                c[i * n + j] = total;
            }
        }
    }

    public static void main(String[] args) {
        Driver.mainFlat(args, NaiveFlat::multiply);
    }
}
