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

    /**
     * Computes rows i to i + rows and columns j to j + columns of c, by the steps k to k + depth, none of them more than
     * BASE: the first of all steps set c, others add.
     */
    @FunctionalInterface
    interface BaseCase {
        void multiply(double[][] a, double[][] b, double[][] c, int i, int j, int k, int rows, int columns, int depth);
    }

    private final BaseCase baseCase;
    private final double[][] a;
    private final double[][] b;
    private final double[][] c;
    private final int i;
    private final int j;
    private final int k;
    private final int rows;
    private final int columns;
    private final int depth;

    /** What the base case computes, with sides of any length. */
    private Divide(BaseCase baseCase, double[][] a, double[][] b, double[][] c, int i, int j, int k, int rows, int columns,
            int depth) {
        this.baseCase = baseCase;
        this.a = a;
        this.b = b;
        this.c = c;
        this.i = i;
        this.j = j;
        this.k = k;
        this.rows = rows;
        this.columns = columns;
        this.depth = depth;
    }

    private Divide part(int i, int j, int k, int rows, int columns, int depth) {
        return new Divide(baseCase, a, b, c, i, j, k, rows, columns, depth);
    }

    @Override
    protected void compute() {
        int longest = Math.max(rows, Math.max(columns, depth));
        int h = half(longest);
        if (longest <= BASE) {
            baseCase.multiply(a, b, c, i, j, k, rows, columns, depth);
        } else if (longest == rows) {
            both(part(i, j, k, h, columns, depth), part(i + h, j, k, rows - h, columns, depth));
        } else if (longest == columns) {
            both(part(i, j, k, rows, h, depth), part(i, j + h, k, rows, columns - h, depth));
        } else { // both halves add to all of c: one after the other
            part(i, j, k, rows, columns, h).compute();
            part(i, j, k + h, rows, columns, depth - h).compute();
        }
    }

    /** Leaves whole base cases on one side at least, so that few are cut. */
    private static int half(int side) {
        return (side / 2 + BASE - 1) / BASE * BASE;
    }

    /** Runs the halves at once, unless they are too small to pay for it. */
    private void both(Divide first, Divide second) {
        if ((long) rows * columns <= 4 * BASE * BASE) {
            first.compute();
            second.compute();
        } else {
            invokeAll(first, second);
        }
    }

    private static void baseCase(double[][] a, double[][] b, double[][] c, int i, int j, int k, int rows, int columns,
            int depth) {
        for (int r = i; r < i + rows; r++) {
            if (k == 0) {
                Arrays.fill(c[r], j, j + columns, 0.0);
            }
            for (int s = k; s < k + depth; s++) {
                addRow(a[r][s], b[s], c[r], j, j + columns);
            }
        }
    }

    private static void addRow(double x, double[] from, double[] to, int first, int last) {
        for (int q = first; q < last; q++) {
            to[q] += x * from[q];
        }
    }

    /** The contract's product, by this base case. */
    static Driver.Kernel with(BaseCase baseCase) {
        return (a, b, c, n, rows, threads) ->
                Machine.pool(threads).invoke(new Divide(baseCase, a, b, c, 0, 0, 0, rows, n, n));
    }

    public static void main(String[] args) {
        Driver.main(args, with(Divide::baseCase));
    }
}
