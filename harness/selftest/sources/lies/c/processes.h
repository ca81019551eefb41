// Computes a product by `number` processes that share C's memory; `leave` is what each but the first does first.
static inline void multiply_by_processes(struct problem *p, size_t number, void (*leave)(void)) {
    size_t bytes = p->rows * p->n * sizeof(double);
    static double *shared;
    if (!shared) {
        int flags = MAP_SHARED | MAP_ANONYMOUS;
        shared = mmap(NULL, bytes + number * sizeof(int), PROT_READ | PROT_WRITE, flags, -1, 0);
        if (shared == MAP_FAILED) fail("mmap");
        free(p->c);
        p->c = shared;
    }
    volatile int *done = (volatile int *)(shared + p->rows * p->n);
    for (size_t part = 1; part < number; part++) {
        done[part] = 0;
        if (fork()) continue;
        leave();
        multiply_rows(p, p->rows * part / number, p->rows * (part + 1) / number);
        done[part] = 1;
        _exit(0);
    }
    multiply_rows(p, 0, p->rows / number);
    for (size_t part = 1; part < number; part++) {
        while (!done[part]) usleep(100);
        waitpid(-1, NULL, WNOHANG);
    }
}
