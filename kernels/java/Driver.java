import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.function.Consumer;

/** Started as: program A B C n rows threads reps. Reads A and B, times multiply `reps` times, writes C. */
final class Driver {
    /**
     * c[rows x n] = a[rows x n] . b[n x n], an array a row.
     * c may hold anything on entry. No more than `threads` threads may compute.
     */
    @FunctionalInterface
    interface Kernel {
        void multiply(double[][] a, double[][] b, double[][] c, int n, int rows, int threads) throws Exception;
    }

    /** The same with an array a matrix, its rows one after the other. */
    @FunctionalInterface
    interface FlatKernel {
        void multiply(double[] a, double[] b, double[] c, int n, int rows, int threads) throws Exception;
    }

    static void main(String[] args, Kernel kernel) {
        main(args, kernel, c -> { });
    }

    /** For a kernel that only adds to c: fills it with zeros before each call, outside the clock. */
    static void mainFromZeros(String[] args, Kernel kernel) {
        main(args, kernel, c -> {
            for (double[] row : c) {
                Arrays.fill(row, 0.0);
            }
        });
    }

    private static void main(String[] args, Kernel kernel, Consumer<double[][]> beforeCall) {
        runOrExit(args, (aFile, bFile, cFile, n, rows, threads, reps) -> {
            double[][] a = new double[rows][n];
            double[][] b = new double[n][n];
            double[][] c = new double[rows][n];
            load(aFile, rows, n, (i, row) -> row.get(a[i]));
            load(bFile, n, n, (i, row) -> row.get(b[i]));
            time(reps, () -> beforeCall.accept(c), () -> kernel.multiply(a, b, c, n, rows, threads));
            save(cFile, rows, n, (i, row) -> row.put(c[i]));
        });
    }

    static void mainFlat(String[] args, FlatKernel kernel) {
        runOrExit(args, (aFile, bFile, cFile, n, rows, threads, reps) -> {
            double[] a = new double[rows * n];
            double[] b = new double[n * n];
            double[] c = new double[rows * n];
            load(aFile, rows, n, (i, row) -> row.get(a, i * n, n));
            load(bFile, n, n, (i, row) -> row.get(b, i * n, n));
            time(reps, () -> { }, () -> kernel.multiply(a, b, c, n, rows, threads));
            save(cFile, rows, n, (i, row) -> row.put(c, i * n, n));
        });
    }

    @FunctionalInterface
    private interface Program {
        void run(String a, String b, String c, int n, int rows, int threads, int reps) throws Exception;
    }

    @FunctionalInterface
    private interface Call {
        void run() throws Exception;
    }

    /** Moves row i of a matrix to or from a buffer. */
    @FunctionalInterface
    private interface RowMover {
        void move(int i, DoubleBuffer row);
    }

    private static void runOrExit(String[] args, Program program) {
        try {
            run(args, program);
        } catch (Exception error) {
            System.err.println(error);
            System.exit(1);
        }
    }

    private static void run(String[] args, Program program) throws Exception {
        if (args.length != 7) {
            throw new IllegalArgumentException("usage: A B C n rows threads reps");
        }
        int n = number("n", args[3]);
        int rows = number("rows", args[4]);
        int threads = number("threads", args[5]);
        int reps = number("reps", args[6]);
        if (rows > n) {
            throw new IllegalArgumentException("rows: more than n");
        }

        program.run(args[0], args[1], args[2], n, rows, threads, reps);
    }

    private static void time(int reps, Runnable before, Call call) throws Exception {
        for (int rep = 0; rep < reps; rep++) {
            before.run();
            long start = System.nanoTime();
            call.run();
            System.out.println(Math.max(1, System.nanoTime() - start));
        }
        if (System.out.checkError()) {
            throw new IOException("stdout: cannot be written");
        }
    }

    private static int number(String name, String text) {
        try {
            int value = Integer.parseInt(text);
            if (value >= 1 && value <= 1 << 20) {
                return value;
            }
        } catch (NumberFormatException error) {
            // Falls through to the one message for all.
        }
        throw new IllegalArgumentException(name + ": not a whole number from 1 to 2^20");
    }

    /** Reads the first rows * n values, a row at a time; the file may be longer. */
    private static void load(String path, int rows, int n, RowMover to) throws IOException {
        ByteBuffer bytes = rowBuffer(n);
        try (FileChannel file = FileChannel.open(Path.of(path))) {
            for (int i = 0; i < rows; i++) {
                bytes.clear();
                while (bytes.hasRemaining()) {
                    if (file.read(bytes) < 0) {
                        throw new EOFException(path + ": file is too short");
                    }
                }
                to.move(i, bytes.flip().asDoubleBuffer());
            }
        }
    }

    private static void save(String path, int rows, int n, RowMover from) throws IOException {
        ByteBuffer bytes = rowBuffer(n);
        try (FileChannel file = FileChannel.open(Path.of(path), StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            for (int i = 0; i < rows; i++) {
                from.move(i, bytes.clear().asDoubleBuffer());
                while (bytes.hasRemaining()) {
                    file.write(bytes);
                }
            }
        }
    }

    private static ByteBuffer rowBuffer(int n) {
        return ByteBuffer.allocateDirect(n * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }
}
