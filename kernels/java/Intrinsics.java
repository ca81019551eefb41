// what changes: the base case is written for the CPU's vector unit, and keeps a tile of C in its registers
// why it is faster: each vector of B is loaded once for four rows, and many sums hide how long an addition takes
// what limits it now: blocks of B are copied again and again, and sums go through a buffer every 64 steps
// how it is built: javac and java with --add-modules jdk.incubator.vector
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

final class Intrinsics {
    private static final int BASE = Divide.BASE;
    private static final VectorSpecies<Double> S = DoubleVector.SPECIES_PREFERRED;
    private static final int L = S.length();
    // Vectors in a row of the tile: four rows of so many sums fit the 32 registers of AVX-512 and NEON, or the 16 of AVX2.
    private static final int VECTORS = L == 4 ? 2 : 4;
    private static final int WIDTH = VECTORS * L;
    // A buffer a thread: a block of B, and a tile's sums behind it. Rows of B lie apart and share few lines of a cache.
    private static final ThreadLocal<double[]> BUFFER = ThreadLocal.withInitial(() -> new double[BASE * BASE + 16 * L]);

    private static void baseCase(double[][] a, double[][] b, double[][] c, int i, int j, int k, int rows, int columns,
            int depth) {
        double[] buffer = BUFFER.get(); // what lies right of `columns` is not used
        int sums = BASE * BASE;
        for (int s = 0; s < depth; s++) {
            System.arraycopy(b[k + s], j, buffer, s * BASE, columns);
        }
        int last = i + rows - 1;
        for (int r = i; r <= last; r += 4) { // with fewer than four rows left, the last one is computed again
            for (int q = 0; q < columns; q += WIDTH) {
                tile(a[r], a[Math.min(r + 1, last)], a[Math.min(r + 2, last)], a[Math.min(r + 3, last)], k, depth,
                        buffer, q, sums);
                for (int x = 0; x < Math.min(4, last + 1 - r); x++) {
                    put(buffer, sums + WIDTH * x, c[r + x], j + q, Math.min(WIDTH, columns - q), k > 0);
                }
            }
        }
    }

    private static void tile(double[] a0, double[] a1, double[] a2, double[] a3, int k, int depth, double[] buffer, int from,
            int to) {
        if (VECTORS == 2) {
            tile2(a0, a1, a2, a3, k, depth, buffer, from, to);
        } else {
            tile4(a0, a1, a2, a3, k, depth, buffer, from, to);
        }
    }

    private static void tile2(double[] a0, double[] a1, double[] a2, double[] a3, int k, int depth, double[] buffer, int from,
            int to) {
        DoubleVector zero = DoubleVector.zero(S);
        DoubleVector s00 = zero, s01 = zero;
        DoubleVector s10 = zero, s11 = zero;
        DoubleVector s20 = zero, s21 = zero;
        DoubleVector s30 = zero, s31 = zero;
        for (int s = 0; s < depth; s++) {
            int at = from + s * BASE;
            DoubleVector b0 = DoubleVector.fromArray(S, buffer, at);
            DoubleVector b1 = DoubleVector.fromArray(S, buffer, at + L);
            DoubleVector x;
            x = DoubleVector.broadcast(S, a0[k + s]);
            s00 = x.fma(b0, s00);
            s01 = x.fma(b1, s01);
            x = DoubleVector.broadcast(S, a1[k + s]);
            s10 = x.fma(b0, s10);
            s11 = x.fma(b1, s11);
            x = DoubleVector.broadcast(S, a2[k + s]);
            s20 = x.fma(b0, s20);
            s21 = x.fma(b1, s21);
            x = DoubleVector.broadcast(S, a3[k + s]);
            s30 = x.fma(b0, s30);
            s31 = x.fma(b1, s31);
        }
        s00.intoArray(buffer, to);
        s01.intoArray(buffer, to + 1 * L);
        s10.intoArray(buffer, to + 2 * L);
        s11.intoArray(buffer, to + 3 * L);
        s20.intoArray(buffer, to + 4 * L);
        s21.intoArray(buffer, to + 5 * L);
        s30.intoArray(buffer, to + 6 * L);
        s31.intoArray(buffer, to + 7 * L);
    }

    private static void tile4(double[] a0, double[] a1, double[] a2, double[] a3, int k, int depth, double[] buffer, int from,
            int to) {
        DoubleVector zero = DoubleVector.zero(S);
        DoubleVector s00 = zero, s01 = zero, s02 = zero, s03 = zero;
        DoubleVector s10 = zero, s11 = zero, s12 = zero, s13 = zero;
        DoubleVector s20 = zero, s21 = zero, s22 = zero, s23 = zero;
        DoubleVector s30 = zero, s31 = zero, s32 = zero, s33 = zero;
        for (int s = 0; s < depth; s++) {
            int at = from + s * BASE;
            DoubleVector b0 = DoubleVector.fromArray(S, buffer, at);
            DoubleVector b1 = DoubleVector.fromArray(S, buffer, at + L);
            DoubleVector b2 = DoubleVector.fromArray(S, buffer, at + 2 * L);
            DoubleVector b3 = DoubleVector.fromArray(S, buffer, at + 3 * L);
            DoubleVector x;
            x = DoubleVector.broadcast(S, a0[k + s]);
            s00 = x.fma(b0, s00);
            s01 = x.fma(b1, s01);
            s02 = x.fma(b2, s02);
            s03 = x.fma(b3, s03);
            x = DoubleVector.broadcast(S, a1[k + s]);
            s10 = x.fma(b0, s10);
            s11 = x.fma(b1, s11);
            s12 = x.fma(b2, s12);
            s13 = x.fma(b3, s13);
            x = DoubleVector.broadcast(S, a2[k + s]);
            s20 = x.fma(b0, s20);
            s21 = x.fma(b1, s21);
            s22 = x.fma(b2, s22);
            s23 = x.fma(b3, s23);
            x = DoubleVector.broadcast(S, a3[k + s]);
            s30 = x.fma(b0, s30);
            s31 = x.fma(b1, s31);
            s32 = x.fma(b2, s32);
            s33 = x.fma(b3, s33);
        }
        s00.intoArray(buffer, to);
        s01.intoArray(buffer, to + 1 * L);
        s02.intoArray(buffer, to + 2 * L);
        s03.intoArray(buffer, to + 3 * L);
        s10.intoArray(buffer, to + 4 * L);
        s11.intoArray(buffer, to + 5 * L);
        s12.intoArray(buffer, to + 6 * L);
        s13.intoArray(buffer, to + 7 * L);
        s20.intoArray(buffer, to + 8 * L);
        s21.intoArray(buffer, to + 9 * L);
        s22.intoArray(buffer, to + 10 * L);
        s23.intoArray(buffer, to + 11 * L);
        s30.intoArray(buffer, to + 12 * L);
        s31.intoArray(buffer, to + 13 * L);
        s32.intoArray(buffer, to + 14 * L);
        s33.intoArray(buffer, to + 15 * L);
    }

    /** Apart from the tile, which the JVM takes as a whole only up to some size: beyond, each vector would be an object. */
    private static void put(double[] sums, int at, double[] row, int j, int width, boolean add) {
        if (add) {
            for (int y = 0; y < width; y++) {
                row[j + y] += sums[at + y];
            }
        } else {
            System.arraycopy(sums, at, row, j, width);
        }
    }

    public static void main(String[] args) {
        Driver.main(args, Divide.with(Intrinsics::baseCase));
    }
}
