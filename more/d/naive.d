// The textbook's i, j, k loops over slices.
import driver : run;

void multiply(const double[] a, const double[] b, double[] c, size_t n, size_t threads)
{
    foreach (i; 0 .. a.length / n)
        foreach (j; 0 .. n)
        {
            double total = 0;
            foreach (k; 0 .. n)
                total += a[i * n + k] * b[k * n + j];
            c[i * n + j] = total;
        }
}

void main(string[] args)
{
    run(args, &multiply);
}
