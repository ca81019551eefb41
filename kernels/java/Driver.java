import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
        try {
            run(args, kernel, beforeCall);
        } catch (Exception error) {
            System.err.println(error);
            System.exit(1);
        }
    }

    private static void run(String[] args, Kernel kernel, Consumer<double[][]> beforeCall) throws Exception {
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

        double[][] a = load(args[0], rows, n);
        double[][] b = load(args[1], n, n);
        double[][] c = new double[rows][n];

        for (int rep = 0; rep < reps; rep++) {
            beforeCall.accept(c);
            long start = System.nanoTime();
            kernel.multiply(a, b, c, n, rows, threads);
            System.out.println(Math.max(1, System.nanoTime() - start));
        }
        if (System.out.checkError()) {
            throw new IOException("stdout: cannot be written");
        }
        save(args[2], c, n);
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
    private static double[][] load(String path, int rows, int n) throws IOException {
        double[][] matrix = new double[rows][n];
        ByteBuffer bytes = ByteBuffer.allocateDirect(n * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel file = FileChannel.open(Path.of(path))) {
            for (double[] row : matrix) {
                bytes.clear();
                while (bytes.hasRemaining()) {
                    if (file.read(bytes) < 0) {
                        throw new EOFException(path + ": file is too short");
                    }
                }
                bytes.flip().asDoubleBuffer().get(row);
            }
        }
        return matrix;
    }

    private static void save(String path, double[][] matrix, int n) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(n * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel file = FileChannel.open(Path.of(path), StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            for (double[] row : matrix) {
                bytes.clear().asDoubleBuffer().put(row);
                while (bytes.hasRemaining()) {
                    file.write(bytes);
                }
            }
        }
    }
}
