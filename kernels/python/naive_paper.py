# what changes: nothing yet: the i, j, k loops of Leiserson et al. 2020, table 1, each sum kept in its element of C
# why it is faster: it is not: module-level names are looked up in a dictionary (LOAD_NAME), not by number (LOAD_FAST)
# what limits it now: the interpreter: ten such look-ups and seven list accesses a step; naive.py has none and three
# how it is built: not at all: CPython as it comes, lists of lists of floats, C zeroed before the clock starts
import sys
from time import perf_counter_ns

from driver import load, read_arguments, save, zeros

# The loops stay at module level, as the paper's do: in a function they would be another, faster program.
path_a, path_b, path_c, n, rows, threads, reps = read_arguments()
try:
    A = load(path_a, rows, n)
    B = load(path_b, n, n)
    for _ in range(reps):
        C = zeros(rows, n)
        start = perf_counter_ns()
        for i in range(rows):
            for j in range(n):
                for k in range(n):
                    C[i][j] += A[i][k] * B[k][j]
        print(max(1, perf_counter_ns() - start), flush=True)
    save(path_c, C)
except (OSError, EOFError, MemoryError) as error:
    sys.exit(f"{type(error).__name__}: {error}")
