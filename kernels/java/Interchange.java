// what changes: the j and k loops change places
// why it is faster: B and C are now read along their rows: whole cache lines are used, and the inner loop vectorises
// what limits it now: all of B streams from memory again for each row of C, and one core does all the work
// how it is built: javac, the JVM's default just-in-time compiler, a method a row so that it is compiled as a whole
import java.util.Arrays;

final class Interchange {
    private static void multiplyRow(double[] ai, double[][] b, double[] ci, int n) {
        Arrays.fill(ci, 0.0);
        for (int k = 0; k < n; k++) {
            double aik = ai[k];
            double[] bk = b[k];
            for (int j = 0; j < n; j++) {
                ci[j] += aik * bk[j];
            }
        }
    }

    static void multiply(double[][] a, double[][] b, double[][] c, int n, int rows, int threads) {
        for (int i = 0; i < rows; i++) {
            multiplyRow(a[i], b, c[i], n);
        }
    }

    public static void main(String[] args) {
        Driver.main(args, Interchange::multiply);
    }
}
