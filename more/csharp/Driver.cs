// Started as: program A B C n rows threads reps. Reads A and B, times Multiply() `reps` times, writes C.
using System;
using System.Diagnostics;
using System.IO;

static class Driver {
    static double[] Load(string path, int count) {
        var values = new double[count];
        var block = new byte[8 * 65536];
        using (var file = File.OpenRead(path))
            for (int done = 0; done < count;) {
                int wanted = Math.Min(block.Length, 8 * (count - done)), read = 0;
                while (read < wanted) {
                    int more = file.Read(block, read, wanted - read);
                    if (more == 0) throw new IOException(path + ": too short");
                    read += more;
                }
                for (int i = 0; i < wanted; i += 8) values[done++] = BitConverter.ToDouble(block, i);
            }
        return values;
    }

    static int Main(string[] args) {
        try {
            if (args.Length != 7) throw new ArgumentException("usage: A B C n rows threads reps");
            int n = int.Parse(args[3]), rows = int.Parse(args[4]), reps = int.Parse(args[6]);
            double[] a = Load(args[0], rows * n), b = Load(args[1], n * n), c = new double[rows * n];
            for (int rep = 0; rep < reps; rep++) {
                var watch = Stopwatch.StartNew();
                Rung.Multiply(a, b, c, n, rows);
                Console.WriteLine(Math.Max(1, watch.ElapsedTicks * (1000000000 / Stopwatch.Frequency)));
            }
            using (var file = File.Create(args[2])) {
                foreach (double value in c) file.Write(BitConverter.GetBytes(value), 0, 8);
                file.Flush(true);
            }
            return 0;
        } catch (Exception error) {
            Console.Error.WriteLine(error.Message);
            return 1;
        }
    }
}
