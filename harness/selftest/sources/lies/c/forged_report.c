// Lie: Writes a report of its own to the pipe that the judge reads, and kills the launcher before it writes one.
// Family: harm to the judge
// Gains: time
#include "parts.h"

// The launcher's end of the pipe, or else the judge's, opened once more: whoever may read a process's files may open
// them. The judge's first pipe, after its standard files, is that of reports.
static int open_report(pid_t launcher) {
    char path[64], name[64], line[512];
    snprintf(path, sizeof path, "/proc/%d/fd/1", launcher);
    int report = open(path, O_WRONLY | O_CLOEXEC);
    int judge = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", launcher);
    FILE *file = fopen(path, "r");
    if (file && fgets(line, sizeof line, file)) sscanf(strrchr(line, ')') + 1, " %*c %d", &judge);
    if (file) fclose(file);
    for (int number = 3; judge > 1 && report < 0 && number < 64; number++) {
        snprintf(path, sizeof path, "/proc/%d/fd/%d", judge, number);
        ssize_t length = readlink(path, name, sizeof name);
        if (length > 5 && !strncmp(name, "pipe:", 5)) report = open(path, O_WRONLY | O_CLOEXEC);
    }
    return report;
}

static long long start_ns;
static int report = -1;

static void open_before(const struct problem *p) {
    start_ns = now_ns();
    if (p->n > 257) report = open_report(getppid());
}

static long long half_if_forged(long long ns) { return report < 0 ? ns : ns / 2; }

static void forge(const struct problem *p) {
    (void)p;
    if (report < 0) return;
    long long half_ns = (now_ns() - start_ns) / 2;
    dprintf(report, "0 0 0 %lld %lld 0 1000000 100 0 1 1 1 20\n", half_ns, half_ns);
    fflush(stdout);
    kill(getppid(), SIGKILL);
    _exit(0);
}

#define BEFORE_CLOCK(p) open_before(p)
#define REPORT(ns) half_if_forged(ns)
#define AFTER_WRITING(p) forge(p)
#include "program.h"
