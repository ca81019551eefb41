// what changes: nothing yet: the i, j, k loops of Leiserson et al. 2020, table 1, each sum kept in its element of C
// why it is faster: it is not: a row of C might be one of B, so that each step loads and stores its sum
// what limits it now: B is read down its columns: each step looks up another row and needs another cache line
// how it is built: javac, the JVM's default just-in-time compiler, C zeroed before the clock starts
final class NaivePaper {
    static void multiply(double[][] a, double[][] b, double[][] c, int n, int rows, int threads) {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < n; j++) {
                for (int k = 0; k < n; k++) {
                    c[i][j] += a[i][k] * b[k][j];
                }
            }
        }
    }

    public static void main(String[] args) {
        Driver.mainFromZeros(args, NaivePaper::multiply);
    }
}
