// The program: reads A and B, times `reps` calls, writes C. A lie defines one of these macros before it includes this.
#ifndef BEFORE_CLOCK
#define BEFORE_CLOCK(p) (void)(p)
#endif
#ifndef CALL
#define CALL(p, rep) ((void)(rep), multiply(p))
#endif
#ifndef REPORT
#define REPORT(ns) (ns)
#endif
#ifndef AFTER_CLOCK
#define AFTER_CLOCK(p, rep) ((void)(p), (void)(rep))
#endif
#ifndef BEFORE_WRITING
#define BEFORE_WRITING(p) (void)(p)
#endif
#ifndef AFTER_WRITING
#define AFTER_WRITING(p) (void)(p)
#endif

int main(int argc, char **argv) {
    if (argc != 8) {
        fprintf(stderr, "usage: %s A B C n rows threads reps\n", argv[0]);
        return EXIT_FAILURE;
    }
    struct problem problem = {argv[1], argv[2], argv[3], strtoull(argv[4], NULL, 10), strtoull(argv[5], NULL, 10),
                              atoi(argv[6]), atoi(argv[7]), NULL, NULL, NULL}, *p = &problem;
    p->a = allocate(p->rows * p->n * sizeof(double));
    p->b = allocate(p->n * p->n * sizeof(double));
    p->c = allocate(p->rows * p->n * sizeof(double));
    if (!load(p->a_path, p->a, p->rows * p->n)) fail(p->a_path);
    if (!load(p->b_path, p->b, p->n * p->n)) fail(p->b_path);
    BEFORE_CLOCK(p);
    for (int rep = 0; rep < p->reps; rep++) {
        long long start = now_ns();
        CALL(p, rep);
        long long ns = REPORT(now_ns() - start);
        printf("%lld\n", ns > 0 ? ns : 1);
        AFTER_CLOCK(p, rep);
    }
    BEFORE_WRITING(p);
    if (!save(p->c_path, p->c, p->rows * p->n)) fail(p->c_path);
    AFTER_WRITING(p);
    return EXIT_SUCCESS;
}
