# what changes: the rows of C are split evenly over the cores
# why it is faster: all cores work; a forked process sees A and B without a copy, and returns its rows in shared memory
# what limits it now: the interpreter; and counting references writes to B's floats, so each process copies their pages
# how it is built: not at all: CPython as it comes; processes, made by fork, since threads would wait for one lock
import mmap
import multiprocessing
from array import array

from driver import main


def multiply_row(a_i, b, c_i, n):
    for j in range(n):
        c_i[j] = 0.0
    for k in range(n):
        a_ik = a_i[k]
        b_k = b[k]
        for j in range(n):
            c_i[j] += a_ik * b_k[j]


def multiply_rows(a, b, c, n, first, last, shared):
    for i in range(first, last):
        multiply_row(a[i], b, c[i], n)
        shared[i * n : (i + 1) * n] = array("d", c[i])


def multiply(a, b, c, n, rows, threads):
    # Asked for by name: from 3.14 on Python starts processes in another way, which sends B to each through a pipe.
    fork = multiprocessing.get_context("fork")
    # Anonymous memory that the children inherit. multiprocessing.shared_memory takes its space from /dev/shm, which
    # is 64 MiB in an ordinary container: half of what C needs at n = 4096.
    with mmap.mmap(-1, rows * n * 8) as memory, memoryview(memory).cast("d") as shared:
        workers = []
        threads = min(threads, rows)
        for t in range(threads):
            first, last = rows * t // threads, rows * (t + 1) // threads
            workers.append(fork.Process(target=multiply_rows, args=(a, b, c, n, first, last, shared)))
            workers[-1].start()
        for worker in workers:
            worker.join()
        if any(worker.exitcode != 0 for worker in workers):
            raise OSError("a worker process failed")
        for i in range(rows):
            c[i] = shared[i * n : (i + 1) * n].tolist()


if __name__ == "__main__":
    main(multiply)
