// what changes: nothing yet: the i, j, k loops of the textbook, each sum kept in a local variable
// why it is faster: it is the start of the ladder: the JVM compiles the loops while they run, a few instructions a step
// what limits it now: B is read down its columns: each step looks up another row and needs another cache line
// how it is built: javac, the JVM's default just-in-time compiler, rows taken once where they stay the same
final class Naive {
    static void multiply(double[][] a, double[][] b, double[][] c, int n, int rows, int threads) {
        for (int i = 0; i < rows; i++) {
            double[] ai = a[i];
            double[] ci = c[i];
            for (int j = 0; j < n; j++) {
                double total = 0.0;
                for (int k = 0; k < n; k++) {
                    total += ai[k] * b[k][j];
                }
                ci[j] = total;
            }
        }
    }

    public static void main(String[] args) {
        Driver.main(args, Naive::multiply);
    }
}
