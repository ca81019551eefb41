import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** What the fast rungs ask of the machine: the sizes of its caches, threads that are kept, and a queue of tasks for them. */
final class Machine {
    @FunctionalInterface
    interface Body {
        void run(int worker, int task);
    }

    private static ForkJoinPool pool; // kept between repetitions; its threads end with the program

    private Machine() {
    }

    static ForkJoinPool pool(int threads) {
        if (pool == null) {
            pool = new ForkJoinPool(threads);
        }
        return pool;
    }

    /** Calls body once for each task, started in order, on at most `threads` workers numbered from 0. */
    static void inParallel(int threads, int tasks, Body body) throws Exception {
        AtomicInteger next = new AtomicInteger();
        List<Future<?>> workers = new ArrayList<>();
        for (int w = 0; w < Math.min(threads, tasks); w++) {
            int worker = w;
            workers.add(pool(threads).submit(() -> {
                for (int task = next.getAndIncrement(); task < tasks; task = next.getAndIncrement()) {
                    body.run(worker, task);
                }
            }));
        }
        for (Future<?> worker : workers) {
            worker.get();
        }
    }

    /** Bytes of the first CPU's data cache of that level; Linux says it, and elsewhere `otherwise` must do. */
    static int cacheSize(int level, int otherwise) {
        for (int index = 0; index < 8; index++) {
            Path folder = Path.of("/sys/devices/system/cpu/cpu0/cache/index" + index);
            try {
                if (read(folder, "level").equals("" + level) && !read(folder, "type").equals("Instruction")) {
                    return Integer.parseInt(read(folder, "size").replace("K", "")) * 1024;
                }
            } catch (IOException | NumberFormatException error) {
                return otherwise;
            }
        }
        return otherwise;
    }

    private static String read(Path folder, String name) throws IOException {
        return Files.readString(folder.resolve(name)).strip();
    }

    static int ceilDiv(int x, int y) {
        return (x + y - 1) / y;
    }
}
