// what changes: blocks of A and B are packed in the order of use; a micro-kernel keeps a tile of C in registers
// why it is faster: with AVX-512 a step of 8 x 24 sums loads 32 values, all read in the order in which they lie
// what limits it now: the FMA units, bounds checked each step, and values of A that are spread by an instruction of their own
// how it is built: javac and java with --add-modules jdk.incubator.vector; the JVM compiles the tile to vector code
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

final class Packed {
    private static final VectorSpecies<Double> S = DoubleVector.SPECIES_PREFERRED;
    private static final int L = S.length();
    private static final boolean AVX2 = L == 4; // 16 registers, and of AVX-512 and NEON 32
    private static final int MR = AVX2 ? 5 : 8;
    private static final int NR = AVX2 ? 2 * L : 3 * L;
    private static final int PANELS_A_TASK = 8; // micro-panels of B: long enough runs of its rows, and small enough tasks
    // With longer micro-panels a block of A would have so few rows that B comes from the third cache too often.
    private static final int MAX_PANELS = 256 << 10;
    // An array's values begin 16 bytes behind its start, and that of a big one is a page's: from here on vectors
    // do not lie across two cache lines.
    private static final int ALIGN = 6;

    // Kept between repetitions: a block of A a worker, and two of B, so that one is packed while the other is used.
    private static double[][] packedA;
    private static double[][] packedB;

    static void multiply(double[][] a, double[][] b, double[][] c, int n, int rows, int threads) throws Exception {
        int l2 = Machine.cacheBytes(2, threads, 1 << 20);
        // A micro-panel of A and one of B take a quarter of the second cache, from which they stream: C is touched less
        // often.
        int maxKc = Math.min(n, Math.max(8, Math.min(l2 / 4, MAX_PANELS) / (8 * (MR + NR)) / 8 * 8));
        int mcInCache = Math.max(MR, l2 / 2 / (8 * maxKc) / MR * MR);
        int ncInCache = Math.max(NR, Machine.cacheBytes(3, 1, 16 << 20) / 2 / (8 * maxKc) / NR * NR);
        int maxNc = Math.min(ncInCache, Machine.ceilDiv(n, NR) * NR);
        // As many blocks as a multiple of the threads, so that all end together.
        int even = Machine.ceilDiv(Machine.ceilDiv(rows, mcInCache), threads) * threads;
        int maxMc = Math.min(mcInCache, Machine.ceilDiv(Machine.ceilDiv(rows, even), MR) * MR);
        if (packedA == null) {
            packedA = new double[threads][maxMc * maxKc];
            packedB = new double[2][ALIGN + maxNc * maxKc];
        }

        int down = Machine.ceilDiv(n, maxKc);
        int all = down * Machine.ceilDiv(n, maxNc);
        for (int p = 0; p <= all; p++) {
            // Block p - 1 of B is multiplied and block p packed in one go: the small tasks come last and fill the gaps.
            int k = (p + down - 1) % down * maxKc;
            int j = (p - 1) / down * maxNc;
            int nc = Math.min(maxNc, n - j);
            int kc = Math.min(maxKc, n - k);
            int nextK = p % down * maxKc;
            int nextJ = p / down * maxNc;
            int nextNc = Math.min(maxNc, n - nextJ);
            int nextKc = Math.min(maxKc, n - nextK);
            double[] use = packedB[(p + 1) % 2];
            double[] fill = packedB[p % 2];
            int uses = p == 0 ? 0 : Machine.ceilDiv(rows, maxMc);
            int fills = p == all ? 0 : Machine.ceilDiv(nextNc, PANELS_A_TASK * NR);
            Machine.inParallel(threads, uses + fills, (worker, task) -> {
                if (task < uses) {
                    int i = task * maxMc;
                    int mc = Math.min(maxMc, rows - i);
                    packA(a, i, k, mc, kc, packedA[worker]);
                    macroKernel(packedA[worker], use, c, i, j, mc, nc, kc, k > 0);
                } else {
                    int first = (task - uses) * PANELS_A_TASK * NR;
                    int last = Math.min(nextNc, first + PANELS_A_TASK * NR);
                    packB(b, nextK, nextJ, first, last, nextKc, fill);
                }
            });
        }
    }

    /** Writes a block of A as micro-panels of MR rows, the values of a column side by side, zeros below the last row. */
    private static void packA(double[][] a, int i, int k, int mc, int kc, double[] packedA) {
        for (int r = 0; r < mc; r += MR) {
            if (mc - r < MR) {
                Arrays.fill(packedA, r * kc, (r + MR) * kc, 0.0);
            }
            for (int q = 0; q < Math.min(MR, mc - r); q++) {
                spread(packedA, r * kc + q, a[i + r + q], k, kc);
            }
        }
    }

    private static void spread(double[] to, int at, double[] row, int k, int kc) {
        for (int s = 0; s < kc; s++) {
            to[at + s * MR] = row[k + s];
        }
    }

    /**
     * Writes columns first to last of a block of B as micro-panels of NR columns, the values of a row side by side, zeros
     * right of the last column.
     */
    private static void packB(double[][] b, int k, int j, int first, int last, int kc, double[] packedB) {
        for (int s = 0; s < kc; s++) {
            for (int q = first; q < last; q += NR) {
                int at = ALIGN + q * kc + s * NR;
                int w = Math.min(NR, last - q);
                System.arraycopy(b[k + s], j + q, packedB, at, w);
                Arrays.fill(packedB, at + w, at + NR, 0.0);
            }
        }
    }

    /** Takes each micro-panel of B through the whole block of A, which stays in the second cache. */
    private static void macroKernel(double[] a, double[] b, double[][] c, int i, int j, int mc, int nc, int kc,
            boolean add) {
        double[] sums = new double[MR * NR];
        for (int q = 0; q < nc; q += NR) {
            for (int r = 0; r < mc; r += MR) {
                microKernel(kc, a, r * kc, b, ALIGN + q * kc, sums);
                for (int x = 0; x < Math.min(MR, mc - r); x++) {
                    put(sums, x * NR, c[i + r + x], j + q, Math.min(NR, nc - q), add);
                }
            }
        }
    }

    /** Apart from the micro-kernel, which the JVM would no longer take as a whole: then each vector would be an object. */
    private static void put(double[] sums, int at, double[] row, int j, int width, boolean add) {
        if (add) {
            for (int y = 0; y < width; y++) {
                row[j + y] += sums[at + y];
            }
        } else {
            System.arraycopy(sums, at, row, j, width);
        }
    }

    /** sums[MR x NR] = a micro-panel of A . one of B, which begin at ia and ib. */
    private static void microKernel(int kc, double[] a, int ia, double[] b, int ib, double[] sums) {
        if (AVX2) {
            microKernel5(kc, a, ia, b, ib, sums);
        } else {
            microKernel8(kc, a, ia, b, ib, sums);
        }
    }

    /** 24 vectors of sums, 3 of B and one of A: 28 registers. */
    private static void microKernel8(int kc, double[] a, int ia, double[] b, int ib, double[] sums) {
        DoubleVector zero = DoubleVector.zero(S);
        DoubleVector s00 = zero, s01 = zero, s02 = zero;
        DoubleVector s10 = zero, s11 = zero, s12 = zero;
        DoubleVector s20 = zero, s21 = zero, s22 = zero;
        DoubleVector s30 = zero, s31 = zero, s32 = zero;
        DoubleVector s40 = zero, s41 = zero, s42 = zero;
        DoubleVector s50 = zero, s51 = zero, s52 = zero;
        DoubleVector s60 = zero, s61 = zero, s62 = zero;
        DoubleVector s70 = zero, s71 = zero, s72 = zero;
        for (int k = 0; k < kc; k++) {
            int bk = ib + k * 3 * L;
            int ak = ia + k * 8;
            DoubleVector b0 = DoubleVector.fromArray(S, b, bk);
            DoubleVector b1 = DoubleVector.fromArray(S, b, bk + L);
            DoubleVector b2 = DoubleVector.fromArray(S, b, bk + 2 * L);
            DoubleVector x;
            x = DoubleVector.broadcast(S, a[ak]);
            s00 = x.fma(b0, s00);
            s01 = x.fma(b1, s01);
            s02 = x.fma(b2, s02);
            x = DoubleVector.broadcast(S, a[ak + 1]);
            s10 = x.fma(b0, s10);
            s11 = x.fma(b1, s11);
            s12 = x.fma(b2, s12);
            x = DoubleVector.broadcast(S, a[ak + 2]);
            s20 = x.fma(b0, s20);
            s21 = x.fma(b1, s21);
            s22 = x.fma(b2, s22);
            x = DoubleVector.broadcast(S, a[ak + 3]);
            s30 = x.fma(b0, s30);
            s31 = x.fma(b1, s31);
            s32 = x.fma(b2, s32);
            x = DoubleVector.broadcast(S, a[ak + 4]);
            s40 = x.fma(b0, s40);
            s41 = x.fma(b1, s41);
            s42 = x.fma(b2, s42);
            x = DoubleVector.broadcast(S, a[ak + 5]);
            s50 = x.fma(b0, s50);
            s51 = x.fma(b1, s51);
            s52 = x.fma(b2, s52);
            x = DoubleVector.broadcast(S, a[ak + 6]);
            s60 = x.fma(b0, s60);
            s61 = x.fma(b1, s61);
            s62 = x.fma(b2, s62);
            x = DoubleVector.broadcast(S, a[ak + 7]);
            s70 = x.fma(b0, s70);
            s71 = x.fma(b1, s71);
            s72 = x.fma(b2, s72);
        }
        s00.intoArray(sums, 0 * L);
        s01.intoArray(sums, 1 * L);
        s02.intoArray(sums, 2 * L);
        s10.intoArray(sums, 3 * L);
        s11.intoArray(sums, 4 * L);
        s12.intoArray(sums, 5 * L);
        s20.intoArray(sums, 6 * L);
        s21.intoArray(sums, 7 * L);
        s22.intoArray(sums, 8 * L);
        s30.intoArray(sums, 9 * L);
        s31.intoArray(sums, 10 * L);
        s32.intoArray(sums, 11 * L);
        s40.intoArray(sums, 12 * L);
        s41.intoArray(sums, 13 * L);
        s42.intoArray(sums, 14 * L);
        s50.intoArray(sums, 15 * L);
        s51.intoArray(sums, 16 * L);
        s52.intoArray(sums, 17 * L);
        s60.intoArray(sums, 18 * L);
        s61.intoArray(sums, 19 * L);
        s62.intoArray(sums, 20 * L);
        s70.intoArray(sums, 21 * L);
        s71.intoArray(sums, 22 * L);
        s72.intoArray(sums, 23 * L);
    }

    /** The same for 16 registers: 10 vectors of sums. With 12, the JVM's compiler moves some of them to memory and back. */
    private static void microKernel5(int kc, double[] a, int ia, double[] b, int ib, double[] sums) {
        DoubleVector zero = DoubleVector.zero(S);
        DoubleVector s00 = zero, s01 = zero;
        DoubleVector s10 = zero, s11 = zero;
        DoubleVector s20 = zero, s21 = zero;
        DoubleVector s30 = zero, s31 = zero;
        DoubleVector s40 = zero, s41 = zero;
        for (int k = 0; k < kc; k++) {
            int bk = ib + k * 2 * L;
            int ak = ia + k * 5;
            DoubleVector b0 = DoubleVector.fromArray(S, b, bk);
            DoubleVector b1 = DoubleVector.fromArray(S, b, bk + L);
            DoubleVector x;
            x = DoubleVector.broadcast(S, a[ak]);
            s00 = x.fma(b0, s00);
            s01 = x.fma(b1, s01);
            x = DoubleVector.broadcast(S, a[ak + 1]);
            s10 = x.fma(b0, s10);
            s11 = x.fma(b1, s11);
            x = DoubleVector.broadcast(S, a[ak + 2]);
            s20 = x.fma(b0, s20);
            s21 = x.fma(b1, s21);
            x = DoubleVector.broadcast(S, a[ak + 3]);
            s30 = x.fma(b0, s30);
            s31 = x.fma(b1, s31);
            x = DoubleVector.broadcast(S, a[ak + 4]);
            s40 = x.fma(b0, s40);
            s41 = x.fma(b1, s41);
        }
        s00.intoArray(sums, 0 * L);
        s01.intoArray(sums, 1 * L);
        s10.intoArray(sums, 2 * L);
        s11.intoArray(sums, 3 * L);
        s20.intoArray(sums, 4 * L);
        s21.intoArray(sums, 5 * L);
        s30.intoArray(sums, 6 * L);
        s31.intoArray(sums, 7 * L);
        s40.intoArray(sums, 8 * L);
        s41.intoArray(sums, 9 * L);
    }

    public static void main(String[] args) {
        Driver.main(args, Packed::multiply);
    }
}
