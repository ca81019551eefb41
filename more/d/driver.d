// Started as: program A B C n rows threads reps. Reads A and B, times multiply() `reps` times, writes C.
module driver;

import core.time : MonoTime;
import std.algorithm : max;
import std.conv : to;
import std.exception : enforce;
import std.stdio : File, writeln;

alias Multiply = void function(const double[] a, const double[] b, double[] c, size_t n, size_t threads);

private double[] load(string path, size_t count)
{
    auto values = new double[count];
    enforce(File(path, "rb").rawRead(values).length == count, path ~ ": too short");
    return values;
}

void run(string[] args, Multiply multiply)
{
    enforce(args.length == 8, "usage: A B C n rows threads reps");
    const n = args[4].to!size_t, rows = args[5].to!size_t, threads = args[6].to!size_t;
    const a = load(args[1], rows * n), b = load(args[2], n * n);
    auto c = new double[rows * n];
    foreach (rep; 0 .. args[7].to!size_t)
    {
        const start = MonoTime.currTime;
        multiply(a, b, c, n, threads);
        writeln(max(1, (MonoTime.currTime - start).total!"nsecs"));
    }
    auto file = File(args[3], "wb");
    file.rawWrite(c);
    file.close();
}
