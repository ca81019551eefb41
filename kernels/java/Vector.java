// what changes: the base case copies its block of B and is vectorised, by the compiler or in portable vectors
// why it is faster: a step is a fused multiplication and addition of as many values as the CPU's vectors hold
// what limits it now: each vector of B is loaded for one row alone, and copied anew for each base case
// how it is built: javac and java with --add-modules jdk.incubator.vector
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

final class Vector {
    private static final int BASE = Divide.BASE;
    private static final VectorSpecies<Double> S = DoubleVector.SPECIES_PREFERRED;
    private static final int L = S.length();
    // A buffer a thread: a block of B, and a row of C behind it. Rows of B lie apart and share few lines of a cache.
    private static final ThreadLocal<double[]> BUFFER = ThreadLocal.withInitial(() -> new double[(BASE + 1) * BASE]);

    private static void baseCase(double[][] a, double[][] b, double[][] c, int i, int j, int k, int rows, int columns,
            int depth) {
        double[] buffer = BUFFER.get(); // what lies right of `columns` is not used
        int row = BASE * BASE;
        for (int s = 0; s < depth; s++) {
            System.arraycopy(b[k + s], j, buffer, s * BASE, columns);
        }
        for (int r = i; r < i + rows; r++) {
            if (k == 0) {
                Arrays.fill(buffer, row, row + columns, 0.0);
            } else {
                System.arraycopy(c[r], j, buffer, row, columns);
            }
            for (int q = 0; q < columns; q += 8 * L) {
                addRow(a[r], k, depth, buffer, q, row + q);
            }
            System.arraycopy(buffer, row, c[r], j, columns);
        }
    }

    /** Keeps eight vectors of sums in registers through all steps: as many as hide how long an addition takes. */
    private static void addRow(double[] ar, int k, int depth, double[] buffer, int from, int to) {
        DoubleVector s0 = DoubleVector.fromArray(S, buffer, to);
        DoubleVector s1 = DoubleVector.fromArray(S, buffer, to + L);
        DoubleVector s2 = DoubleVector.fromArray(S, buffer, to + 2 * L);
        DoubleVector s3 = DoubleVector.fromArray(S, buffer, to + 3 * L);
        DoubleVector s4 = DoubleVector.fromArray(S, buffer, to + 4 * L);
        DoubleVector s5 = DoubleVector.fromArray(S, buffer, to + 5 * L);
        DoubleVector s6 = DoubleVector.fromArray(S, buffer, to + 6 * L);
        DoubleVector s7 = DoubleVector.fromArray(S, buffer, to + 7 * L);
        for (int s = 0; s < depth; s++) {
            DoubleVector x = DoubleVector.broadcast(S, ar[k + s]);
            int at = from + s * BASE;
            s0 = x.fma(DoubleVector.fromArray(S, buffer, at), s0);
            s1 = x.fma(DoubleVector.fromArray(S, buffer, at + L), s1);
            s2 = x.fma(DoubleVector.fromArray(S, buffer, at + 2 * L), s2);
            s3 = x.fma(DoubleVector.fromArray(S, buffer, at + 3 * L), s3);
            s4 = x.fma(DoubleVector.fromArray(S, buffer, at + 4 * L), s4);
            s5 = x.fma(DoubleVector.fromArray(S, buffer, at + 5 * L), s5);
            s6 = x.fma(DoubleVector.fromArray(S, buffer, at + 6 * L), s6);
            s7 = x.fma(DoubleVector.fromArray(S, buffer, at + 7 * L), s7);
        }
        s0.intoArray(buffer, to);
        s1.intoArray(buffer, to + L);
        s2.intoArray(buffer, to + 2 * L);
        s3.intoArray(buffer, to + 3 * L);
        s4.intoArray(buffer, to + 4 * L);
        s5.intoArray(buffer, to + 5 * L);
        s6.intoArray(buffer, to + 6 * L);
        s7.intoArray(buffer, to + 7 * L);
    }

    public static void main(String[] args) {
        Driver.main(args, Divide.with(Vector::baseCase));
    }
}
