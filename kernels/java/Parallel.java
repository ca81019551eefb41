// what changes: the rows of C are split evenly over the cores
// why it is faster: all cores work, and they need no locks, since no two write the same row
// what limits it now: every core streams all of B for each of its rows, and the cores share one memory
// how it is built: javac, the JVM's default just-in-time compiler, a ForkJoinPool with one task a thread
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;

final class Parallel {
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

    static void multiply(double[][] a, double[][] b, double[][] c, int n, int rows, int threads) throws Exception {
        int tasks = Math.min(threads, rows);
        ForkJoinPool pool = new ForkJoinPool(tasks);
        List<Future<?>> parts = new ArrayList<>();
        for (int t = 0; t < tasks; t++) {
            int first = (int) ((long) rows * t / tasks);
            int last = (int) ((long) rows * (t + 1) / tasks);
            parts.add(pool.submit(() -> {
                for (int i = first; i < last; i++) {
                    multiplyRow(a[i], b, c[i], n);
                }
            }));
        }
        for (Future<?> part : parts) {
            part.get();
        }
        pool.shutdown();
    }

    public static void main(String[] args) {
        Driver.main(args, Parallel::multiply);
    }
}
