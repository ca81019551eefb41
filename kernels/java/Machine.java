import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
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

    /**
     * What one of `threads` threads has of the data cache of a level, in bytes: its size by those of our threads that share
     * it; `otherwise` where the system does not tell.
     */
    static int cacheBytes(int level, int threads, int otherwise) {
        try {
            BitSet ours = allowedProcessors();
            for (int index = 0; index < 8; index++) {
                Path folder = Path.of("/sys/devices/system/cpu/cpu" + ours.nextSetBit(0) + "/cache/index" + index);
                if (read(folder, "level").equals("" + level) && !read(folder, "type").equals("Instruction")) {
                    BitSet sharing = processors(read(folder, "shared_cpu_list"));
                    sharing.and(ours);
                    int kibibytes = Integer.parseInt(read(folder, "size").replace("K", ""));
                    return kibibytes * 1024 / Math.max(1, Math.min(sharing.cardinality(), threads));
                }
            }
        } catch (IOException | NumberFormatException error) {
            return otherwise;
        }
        return otherwise;
    }

    private static BitSet allowedProcessors() throws IOException {
        String key = "Cpus_allowed_list:";
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith(key)) {
                return processors(line.substring(key.length()).strip());
            }
        }
        throw new IOException("no " + key);
    }

    /** The numbers in a list such as "0-3,8-11". */
    private static BitSet processors(String list) {
        BitSet found = new BitSet();
        for (String range : list.split(",")) {
            String[] ends = range.split("-");
            found.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
        }
        return found;
    }

    private static String read(Path folder, String name) throws IOException {
        return Files.readString(folder.resolve(name)).strip();
    }

    static int ceilDiv(int x, int y) {
        return (x + y - 1) / y;
    }
}
