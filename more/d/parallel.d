// interchange, with the rows of C shared out evenly over the threads of a task pool.
import driver : run;
import std.parallelism : TaskPool;
import std.range : iota;

void multiply(const double[] a, const double[] b, double[] c, size_t n, size_t threads)
{
    static TaskPool team; // started by the first repetition, and kept; the calling thread is one of the team
    if (team is null)
    {
        team = new TaskPool(threads - 1);
        team.isDaemon = true;
    }
    const rows = a.length / n;
    foreach (t; team.parallel(iota(threads), 1))
        foreach (i; rows * t / threads .. rows * (t + 1) / threads)
        {
            c[i * n .. (i + 1) * n] = 0;
            foreach (k; 0 .. n)
                c[i * n .. (i + 1) * n] += a[i * n + k] * b[k * n .. (k + 1) * n];
        }
}

void main(string[] args)
{
    run(args, &multiply);
}
