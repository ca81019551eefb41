// what changes: the product is halved along its longest side, again and again; halves of C are computed in parallel
// why it is faster: at some depth the three parts fit each cache, whatever its size, and are used there many times
// what limits it now: a product is read from and added to memory each step, and rows that lie apart share few lines of a cache
// how it is built: javac, the JVM's default just-in-time compiler, a ForkJoinPool that the halves are given to
import java.util.Arrays;
import java.util.concurrent.RecursiveAction;

/** A rung that is built with this class hands it a base case of its own. */
@SuppressWarnings("serial") // no task is ever written to a stream
final class Divide extends RecursiveAction {
    // Three blocks of 64 x 64 fit every second cache and nearly a first one; dividing costs nothing beside 64^3 steps.
    static final int BASE = 64;

    /** Computes rows i to i + m and columns j to j + width of c as compute() does, where no side is above BASE. */
    @FunctionalInterface
    interface Base {
        void multiply(double[][] a, double[][] b, double[][] c, int i, int m, int k, int depth, int j, int width);
    }

    private final Base base;
    private final double[][] a;
    private final double[][] b;
    private final double[][] c;
    private final int i;
    private final int m;
    private final int k;
    private final int depth;
    private final int j;
    private final int width;

    /** Rows i to i + m and columns j to j + width of c, by the steps k to k + depth: the first of all set c, others add. */
    private Divide(Base base, double[][] a, double[][] b, double[][] c, int i, int m, int k, int depth, int j,
            int width) {
        this.base = base;
        this.a = a;
        this.b = b;
        this.c = c;
        this.i = i;
        this.m = m;
        this.k = k;
        this.depth = depth;
        this.j = j;
        this.width = width;
    }

    private Divide part(int i, int m, int k, int depth, int j, int width) {
        return new Divide(base, a, b, c, i, m, k, depth, j, width);
    }

    @Override
    protected void compute() {
        int longest = Math.max(m, Math.max(depth, width));
        int h = half(longest);
        if (longest <= BASE) {
            base.multiply(a, b, c, i, m, k, depth, j, width);
        } else if (longest == m) {
            both(part(i, h, k, depth, j, width), part(i + h, m - h, k, depth, j, width));
        } else if (longest == width) {
            both(part(i, m, k, depth, j, h), part(i, m, k, depth, j + h, width - h));
        } else { // both halves add to all of c: one after the other
            part(i, m, k, h, j, width).compute();
            part(i, m, k + h, depth - h, j, width).compute();
        }
    }

    /** Leaves whole base cases on one side at least, so that few are cut. */
    private static int half(int side) {
        return (side / 2 + BASE - 1) / BASE * BASE;
    }

    /** Runs the halves at once, unless they are too small to pay for it. */
    private void both(Divide first, Divide second) {
        if ((long) m * width <= 4 * BASE * BASE) {
            first.compute();
            second.compute();
        } else {
            invokeAll(first, second);
        }
    }

    private static void multiplyBase(double[][] a, double[][] b, double[][] c, int i, int m, int k, int depth, int j,
            int width) {
        for (int r = i; r < i + m; r++) {
            if (k == 0) {
                Arrays.fill(c[r], j, j + width, 0.0);
            }
            for (int s = k; s < k + depth; s++) {
                addRow(a[r][s], b[s], c[r], j, j + width);
            }
        }
    }

    private static void addRow(double x, double[] from, double[] to, int first, int last) {
        for (int q = first; q < last; q++) {
            to[q] += x * from[q];
        }
    }

    /** The contract's product, by this base case. */
    static Driver.Kernel with(Base base) {
        return (a, b, c, n, rows, threads) ->
                Machine.pool(threads).invoke(new Divide(base, a, b, c, 0, rows, 0, n, 0, n));
    }

    public static void main(String[] args) {
        Driver.main(args, with(Divide::multiplyBase));
    }
}
