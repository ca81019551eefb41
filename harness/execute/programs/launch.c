/*
 * launch CPUS PAGES LIMITS JOBS: runs the jobs of the file JOBS one after the other and reports each on stdout.
 * launch CPUS PAGES LIMITS - FOLDER...: the same for each file that is named on a line of stdin, until its end. All FOLDERs are
 * emptied before each, so that no launch finds what an earlier one left.
 *
 * It stands between the harness and a kernel for three reasons. wait4(2) reports a child's peak memory, but a
 * child forked from a large process inherits that process's peak, so a small process must do the forking. A
 * container pays its start once for all of a kernel's launches. And a kernel cannot outlive its launch or forge its report:
 * whatever it leaves behind is killed, and the report goes to a pipe that the kernel does not have.
 *
 * JOBS holds records that end in \x1e, of fields that end in \x1f:
 *   timeout_ms, file_limit_bytes, working directory, stdout file, stderr file, count, word, word, ...
 * One line a job: exit_status signal stopped wall_ns user_ns system_ns peak_rss_bytes minor_faults
 *   major_faults voluntary_switches involuntary_switches at_work looks
 * `count` is 1 for a job whose threads are looked at all along, which a timed one must be spared, else 0. `at_work` is how
 * many of them were at work or waiting for a processor: the median of the `looks` in the second half of its time.
 * `stopped` is 1 for a job that ran out of its time, 2 for one that started too many processes, 3 for one that was not
 * started after such a one (a kernel that hangs would hang in each of thirty jobs), else 0.
 * LIMITS is BYTES:PROCESSES, what a job may take of memory (of data, by RLIMIT_DATA) and of processes and threads, where
 * no container does it; "-" is no limit. CPUS is a list such as 0,1. PAGES is 4k, for jobs that are given no huge pages even if they ask, or as-is. launch.py does the same where there is no C compiler.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_FIELDS = 1024, NOT_FOUND = 127, OUT_OF_TIME = 1, CROWDED = 2, NOT_STARTED = 3 };
enum { WORDS = 6, MOST_LOOKS = 1 << 14, MOST_THREADS = 10000 };

static long long memory_limit, process_limit;
static int given_up;

static void die(const char *what) {
    fprintf(stderr, "launch: %s: %s\n", what, strerror(errno));
    exit(70);
}

/* Often enough to stop a bomb of forks, seldom enough to take nothing from a kernel: 20 times a second, some us. */
static const long long LOOK_NS = 50000000LL, COUNT_NS = 5000000LL;

static long long now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long long ns(struct timeval t) { return t.tv_sec * 1000000000LL + t.tv_usec * 1000LL; }

static char *read_file(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END)) die(path);
    long length = ftell(file);
    rewind(file);
    char *text = malloc((size_t)length + 1);
    if (!text || fread(text, 1, (size_t)length, file) != (size_t)length) die(path);
    fclose(file);
    text[length] = '\0';
    *size = (size_t)length;
    return text;
}

static void pin(const char *list) {
    cpu_set_t set;
    CPU_ZERO(&set);
    while (*list) {
        char *end;
        CPU_SET((int)strtol(list, &end, 10), &set);
        list = *end == ',' ? end + 1 : end;
    }
    if (sched_setaffinity(0, sizeof set, &set)) die("sched_setaffinity");
}

static void redirect(const char *path, int flags, int fd) {
    int opened = open(path, flags | O_CLOEXEC, 0644);
    if (opened < 0 || dup2(opened, fd) < 0) {
        dprintf(2, "launch: %s: %s\n", path, strerror(errno));
        _exit(NOT_FOUND);
    }
}

/* In the child: a session of its own, so that one kill reaches all that it starts. */
static void become(char **field, int fields, const sigset_t *mask) {
    setsid();
    sigprocmask(SIG_SETMASK, mask, NULL);
    struct rlimit size = {strtoull(field[1], NULL, 10), strtoull(field[1], NULL, 10)};
    struct rlimit core = {0, 0};
    setrlimit(RLIMIT_FSIZE, &size);
    setrlimit(RLIMIT_CORE, &core);
    struct rlimit data = {(rlim_t)memory_limit, (rlim_t)memory_limit};
    if (memory_limit) setrlimit(RLIMIT_DATA, &data);
    /* when memory runs out, the kernel under test goes first, not the harness */
    int oom = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (oom >= 0 && write(oom, "1000", 4) < 0) errno = 0;
    if (chdir(field[2])) {
        dprintf(2, "launch: %s: %s\n", field[2], strerror(errno));
        _exit(NOT_FOUND);
    }
    redirect("/dev/null", O_RDONLY, 0);
    redirect(field[3], O_WRONLY | O_CREAT | O_TRUNC, 1);
    redirect(field[4], O_WRONLY | O_CREAT | O_TRUNC, 2);
    field[fields] = NULL;
    execvp(field[WORDS], field + WORDS);
    dprintf(2, "%s: %s\n", field[WORDS], strerror(errno));
    _exit(NOT_FOUND);
}

/*
 * All processes and threads of the machine: reading this one number takes microseconds, where counting a job's own
 * walks /proc beside a kernel that is timed. RLIMIT_NPROC counts all of a user's, and root's not at all.
 */
static long long processes(void) {
    long long running, all = 0;
    FILE *file = fopen("/proc/loadavg", "r");
    if (file && fscanf(file, "%*f %*f %*f %lld/%lld", &running, &all) != 2) all = 0;
    if (file) fclose(file);
    return all;
}

/* A list of processes that grows. */
struct list {
    pid_t *pid;
    size_t size, room;
};

static void add(struct list *list, pid_t pid) {
    if (list->size == list->room) {
        list->room = list->room ? 2 * list->room : 64;
        list->pid = realloc(list->pid, list->room * sizeof *list->pid);
        if (!list->pid) die("a list of processes");
    }
    list->pid[list->size++] = pid;
}

/* The state of a process or thread, by its file in /proc, and its parent; 0 if it is gone. */
static char state_of(const char *path, pid_t *parent) {
    char text[512], state = 0;
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = '\0';
    char *end = strrchr(text, ')'); /* a program's name may hold anything, brackets too */
    if (!end || sscanf(end + 1, " %c %d", &state, parent) != 2) return 0;
    return state;
}

/* Every process of the machine, its parent after it: for a kernel that was built without lists of children. */
static void add_all(struct list *pairs) {
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; proc && (entry = readdir(proc));) {
        char path[300];
        pid_t pid = atoi(entry->d_name), parent;
        snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        if (pid > 0 && state_of(path, &parent)) add(pairs, pid), add(pairs, parent);
    }
    if (proc) closedir(proc);
}

/*
 * How many processes and threads this job has, up to one more than `most`. As this process is the subreaper of all that a
 * job starts, they are below it even if their parents have ended. What ends meanwhile is left out. With `at_work`, also how
 * many of them are at work or wait for a processor, which is the same however busy the machine is.
 */
static long long descendants(long long most, int *at_work) {
    struct list below = {0}, pairs = {0};
    char path[300];
    long long found = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    int listed = access(path, R_OK) == 0;
    if (!listed) add_all(&pairs);
    add(&below, getpid());
    for (size_t i = 0; i < below.size && found <= most; i++) {
        snprintf(path, sizeof path, "/proc/%d/task", below.pid[i]);
        DIR *tasks = opendir(path);
        for (struct dirent *entry; tasks && found <= most && (entry = readdir(tasks));) {
            if (entry->d_name[0] == '.') continue;
            if (i) found++; /* all but this process itself */
            if (i && at_work) {
                pid_t parent;
                snprintf(path, sizeof path, "/proc/%d/task/%s/stat", below.pid[i], entry->d_name);
                if (state_of(path, &parent) == 'R') ++*at_work;
            }
            snprintf(path, sizeof path, "/proc/%d/task/%s/children", below.pid[i], entry->d_name);
            FILE *children = listed ? fopen(path, "r") : NULL;
            for (int pid; children && fscanf(children, "%d", &pid) == 1;) add(&below, pid);
            if (children) fclose(children);
        }
        if (tasks) closedir(tasks);
        for (size_t at = 0; at < pairs.size; at += 2)
            if (pairs.pid[at + 1] == below.pid[i]) add(&below, pairs.pid[at]);
    }
    free(below.pid);
    free(pairs.pid);
    return found;
}

/* Kills what a job left behind: as subreaper, this process has become its parent. Ends when there is no child left. */
static void reap_strays(pid_t group) {
    kill(-group, SIGKILL);
    for (;;) {
        pid_t ended;
        while ((ended = waitpid(-1, NULL, WNOHANG)) > 0) {}
        if (ended < 0) return;
        struct list pairs = {0};
        FILE *children = fopen("/proc/thread-self/children", "r");
        for (int pid; children && fscanf(children, "%d", &pid) == 1;) kill(pid, SIGKILL);
        if (children) fclose(children);
        else add_all(&pairs);
        for (size_t at = 0; at < pairs.size; at += 2)
            if (pairs.pid[at + 1] == getpid()) kill(pairs.pid[at], SIGKILL);
        free(pairs.pid);
        usleep(1000);
    }
}

/* How many threads were at work, look by look, `every` so many ns; of a long job, every second look is forgotten. */
static struct looks {
    int seen[MOST_LOOKS], count;
    long long every, next;
} looks;

static void look(long long now) {
    if (now < looks.next) return;
    if (looks.count == MOST_LOOKS) {
        for (int i = 0; i < MOST_LOOKS / 2; i++) looks.seen[i] = looks.seen[2 * i];
        looks.count = MOST_LOOKS / 2;
        looks.every *= 2;
    }
    int *seen = &looks.seen[looks.count++];
    *seen = 0;
    descendants(MOST_THREADS, seen);
    looks.next = now + looks.every;
}

static int by_size(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

static void run(char **field, int fields, const sigset_t *wakers, const sigset_t *mask) {
    if (given_up) {
        printf("0 0 %d 0 0 0 0 0 0 0 0 0 0\n", NOT_STARTED);
        fflush(stdout);
        return;
    }
    long long limit_ns = atoll(field[0]) * 1000000LL, least = process_limit ? processes() : 0, start = now_ns();
    int counted = atoi(field[5]);
    looks.count = 0, looks.every = COUNT_NS, looks.next = start + COUNT_NS;
    pid_t pid = fork();
    if (pid < 0) die("fork");
    if (pid == 0) become(field, fields, mask);

    struct rusage used;
    int status = 0, stopped = 0;
    while (wait4(pid, &status, WNOHANG, &used) == 0) {
        long long left = start + limit_ns - now_ns();
        if (left <= 0) stopped = OUT_OF_TIME;
        if (process_limit) {
            long long all = processes();
            if (all < least) least = all; /* what others end would else be so much more for the job */
            /* what others start is not the job's: none is stopped before its own are counted */
            if (all - least > process_limit && descendants(process_limit, NULL) > process_limit) stopped = CROWDED;
        }
        if (stopped) {
            kill(-pid, SIGKILL);
            wait4(pid, &status, 0, &used);
            break;
        }
        if (counted) look(now_ns());
        long long pause = counted ? looks.every : LOOK_NS;
        if ((counted || process_limit) && left > pause) left = pause;
        struct timespec wait = {left / 1000000000LL, left % 1000000000LL};
        int signal_seen = sigtimedwait(wakers, NULL, &wait);
        if (signal_seen == SIGTERM || signal_seen == SIGINT) { /* the harness is going, or has gone */
            reap_strays(pid);
            exit(128 + signal_seen);
        }
    }
    given_up = stopped != 0;
    long long wall = now_ns() - start;
    reap_strays(pid);
    int *late = looks.seen + looks.count / 2, number = looks.count - looks.count / 2;
    qsort(late, (size_t)number, sizeof *late, by_size);
    printf("%d %d %d %lld %lld %lld %lld %ld %ld %ld %ld %d %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 0,
           WIFSIGNALED(status) ? WTERMSIG(status) : 0, stopped, wall, ns(used.ru_utime), ns(used.ru_stime),
           used.ru_maxrss * 1024LL, used.ru_minflt, used.ru_majflt, used.ru_nvcsw, used.ru_nivcsw,
           number ? late[(number - 1) / 2] : 0, number);
    fflush(stdout);
}

static void run_all(const char *jobs, const sigset_t *wakers, const sigset_t *mask) {
    size_t size;
    char *text = read_file(jobs, &size), *field[MAX_FIELDS + 1], *start = text;
    int fields = 0;
    given_up = 0;
    for (char *at = text; at < text + size; at++) {
        if (*at == '\x1f') {
            *at = '\0';
            if (fields == MAX_FIELDS) {
                errno = E2BIG;
                die(jobs);
            }
            field[fields++] = start;
            start = at + 1;
        } else if (*at == '\x1e') {
            if (fields <= WORDS) {
                errno = EINVAL;
                die(jobs);
            }
            run(field, fields, wakers, mask);
            fields = 0;
            start = at + 1;
        }
    }
    free(text);
}

static int remove_below(const char *path, const struct stat *status, int type, struct FTW *at) {
    (void)status, (void)type;
    return at->level > 0 && remove(path) ? -1 : 0;
}

int main(int argc, char **argv) {
    if (argc < 5) {
        fprintf(stderr, "usage: launch CPUS PAGES LIMITS JOBS\n       launch CPUS PAGES LIMITS - FOLDER...\n");
        return 64;
    }
    pin(argv[1]);
    if (!strcmp(argv[2], "4k") && prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0)) die("no huge pages"); /* jobs inherit it */
    if (strcmp(argv[3], "-") && sscanf(argv[3], "%lld:%lld", &memory_limit, &process_limit) != 2) {
        errno = EINVAL;
        die(argv[3]);
    }
    prctl(PR_SET_DUMPABLE, 0); /* no kernel opens this process's stdout through /proc */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigset_t wakers, mask;
    sigemptyset(&wakers);
    sigaddset(&wakers, SIGCHLD);
    sigaddset(&wakers, SIGTERM);
    sigaddset(&wakers, SIGINT);
    sigprocmask(SIG_BLOCK, &wakers, &mask);
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* a harness that is killed takes its kernel with it */

    if (strcmp(argv[4], "-")) {
        run_all(argv[4], &wakers, &mask);
        return 0;
    }
    char *jobs = NULL;
    size_t room = 0;
    for (ssize_t length; (length = getline(&jobs, &room, stdin)) > 0;) {
        if (jobs[length - 1] == '\n') jobs[length - 1] = '\0';
        for (char **folder = argv + 5; *folder; folder++)
            if (nftw(*folder, remove_below, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT)) die(*folder);
        run_all(jobs, &wakers, &mask);
    }
    return 0;
}
