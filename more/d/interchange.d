// i, k, j loops; the inner one is an array operation of the language.
import driver : run;

void multiply(const double[] a, const double[] b, double[] c, size_t n, size_t threads)
{
    c[] = 0;
    foreach (i; 0 .. a.length / n)
        foreach (k; 0 .. n)
            c[i * n .. (i + 1) * n] += a[i * n + k] * b[k * n .. (k + 1) * n];
}

void main(string[] args)
{
    run(args, &multiply);
}
