/*
 * launch CPUS PAGES LIMITS JOBS
 *     Run the jobs in the file JOBS one after the other, and report each on standard output.
 * launch CPUS PAGES LIMITS - FOLDER...
 *     The same for each file named on a line of standard input, until its end. Before each file, all FOLDERs are
 *     emptied, so that no launch finds data of an earlier one.
 *
 * This program stands between the harness and a kernel for three reasons. First, wait4(2) reports a child's peak
 * memory, but a child forked from a large process inherits that process's peak, so a small process must fork. Second,
 * one container serves all launches of a kernel. Third, a kernel can neither outlive its launch nor forge its report:
 * all processes that it leaves behind are killed, and the report goes to a pipe that the kernel does not have.
 *
 * CPUS is a list of processors such as 0,1. PAGES is 4k (jobs get no huge pages, even if they ask) or as-is. LIMITS is
 * BYTES:PROCESSES, a job's limits of memory (data, by RLIMIT_DATA) and of processes and threads, for use without a
 * container; "-" means no limits.
 *
 * JOBS holds records that end in \x1e, of fields that end in \x1f:
 *     timeout_ms, file_limit_bytes, working directory, stdin file, stdout file, stderr file, count, counters, word,
 *     word, ...
 * With count = 1, the job's threads are counted while it runs, which would disturb a timed job. `counters` is a list of
 * events that the CPU counts in the job's processes, as TYPE:CONFIG,TYPE:CONFIG,... of perf_event_open(2); +TYPE:CONFIG
 * is in the group of the last event without the sign. They are opened before the job starts, the CPU begins to count
 * when it becomes its program, and they are read after its end: the job is not disturbed.
 *
 * The report has one line per job:
 *     exit_status signal stopped wall_ns user_ns system_ns peak_rss_bytes minor_faults major_faults
 *     voluntary_switches involuntary_switches at_work looks [count enabled_ns running_ns]...
 * The last three are given for each event of `counters`: how often it occurred, in how much of the time that the job's
 * threads ran. An event that cannot be counted has -1 0 0.
 * user_ns and system_ns include the processes that the job left behind.
 * stopped is 0 for a job that ended by itself, 1 for one that reached its time limit, 2 for one with too many processes
 * and threads, and 3 for one that was not started because an earlier one was stopped: a kernel that hangs would hang in
 * each of thirty jobs. at_work is the number of threads that were running or waiting for a processor in at least a quarter
 * of the counts in the second half of the job's time; looks is the number of these counts. In half of them would be too
 * much to ask: on a busy machine, one of two processes that share the work may be done long before the other.
 *
 * launch.py does the same where there is no C compiler.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#if __has_include(<linux/perf_event.h>) /* on Alpine it is in a package of its own */
#include <linux/perf_event.h>
#endif
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_FIELDS = 1024, NOT_FOUND = 127, OUT_OF_TIME = 1, CROWDED = 2, NOT_STARTED = 3 };
enum { SYS_PTRACE = 19 };     /* CAP_SYS_PTRACE, by its number: linux/capability.h is not installed everywhere */
enum { FIRST_WORD = 8 };      /* index of the first word of the command in a record */
enum { MAX_COUNTERS = 16 };   /* events that are counted in a job */
enum { MAX_LOOKS = 1 << 14 }; /* counts that are kept: 82 s at one every 5 ms, then every second one is dropped */
enum { MAX_THREADS = 10000 }; /* threads that are counted: a bomb of forks would otherwise delay the check of its time */

static long long memory_limit, process_limit;
static int job_stopped; /* why an earlier job of the list was stopped; 0 if none was */

static void die(const char *what) {
    fprintf(stderr, "launch: %s: %s\n", what, strerror(errno));
    exit(70);
}

/* Interval between checks of the number of processes, in ns: 20 checks per second, of some microseconds each, stop a bomb
 * of forks in time and take nothing measurable from a kernel. */
static const long long PROCESS_CHECK_NS = 50000000LL;

/* Interval between counts of a job's threads, in ns: short enough for some counts in the second half of a short call. */
static const long long THREAD_COUNT_NS = 5000000LL;

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

/* In the child: become the job's program, in a session of its own, so that one kill reaches its whole group. */
static void become(char **field, int fields, const sigset_t *mask) {
    setsid();
    sigprocmask(SIG_SETMASK, mask, NULL);
    struct rlimit size = {strtoull(field[1], NULL, 10), strtoull(field[1], NULL, 10)};
    struct rlimit core = {0, 0};
    setrlimit(RLIMIT_FSIZE, &size);
    setrlimit(RLIMIT_CORE, &core);
    struct rlimit data = {(rlim_t)memory_limit, (rlim_t)memory_limit};
    if (memory_limit) setrlimit(RLIMIT_DATA, &data);
    /* when the machine's memory runs out, Linux must kill the measured kernel and not the harness */
    int oom = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (oom >= 0 && write(oom, "1000", 4) < 0) errno = 0;
    if (chdir(field[2])) {
        dprintf(2, "launch: %s: %s\n", field[2], strerror(errno));
        _exit(NOT_FOUND);
    }
    redirect(field[3], O_RDONLY, 0);
    redirect(field[4], O_WRONLY | O_CREAT | O_TRUNC, 1);
    redirect(field[5], O_WRONLY | O_CREAT | O_TRUNC, 2);
    field[fields] = NULL;
    execvp(field[FIRST_WORD], field + FIRST_WORD);
    dprintf(2, "%s: %s\n", field[FIRST_WORD], strerror(errno));
    _exit(NOT_FOUND);
}

/*
 * Return the number of processes and threads of the machine. Reading it takes microseconds; counting those of a job
 * walks through /proc while a kernel is timed. RLIMIT_NPROC is no alternative: it counts all processes of a user, and
 * does not limit root.
 */
static long long processes(void) {
    long long running, all = 0;
    FILE *file = fopen("/proc/loadavg", "r");
    if (file && fscanf(file, "%*f %*f %*f %lld/%lld", &running, &all) != 2) all = 0;
    if (file) fclose(file);
    return all;
}

/* A list of processes of any length. */
struct list {
    pid_t *pid;
    size_t size, room;
};

static void add(struct list *list, pid_t pid) {
    if (list->size == list->room) {
        list->room = list->room ? 2 * list->room : 64;
        list->pid = realloc(list->pid, list->room * sizeof *list->pid);
        if (!list->pid) die("list of processes");
    }
    list->pid[list->size++] = pid;
}

/* Return the state of a process or thread and its parent, from its file in /proc; 0 if it has ended. */
static char state_of(const char *path, pid_t *parent) {
    char text[512], state = 0;
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = '\0';
    char *end = strrchr(text, ')'); /* a program's name may contain anything, even parentheses */
    if (!end || sscanf(end + 1, " %c %d", &state, parent) != 2) return 0;
    return state;
}

/* Add every process of the machine, each followed by its parent, for Linux kernels without lists of children. */
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
 * Count the processes and threads of the job, up to `maximum` + 1. This process is the subreaper of the job's processes,
 * so they are its descendants even after their parents ended. Processes that end during the count may be left out. With
 * `at_work`, also count the threads that are running or waiting for a processor: that number is the same however busy
 * the machine is.
 */
static long long descendants(long long maximum, int *at_work) {
    struct list below = {0}, pairs = {0};
    char path[300];
    long long total = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    int listed = access(path, R_OK) == 0;
    if (!listed) add_all(&pairs);
    add(&below, getpid());
    for (size_t i = 0; i < below.size && total <= maximum; i++) {
        snprintf(path, sizeof path, "/proc/%d/task", below.pid[i]);
        DIR *tasks = opendir(path);
        for (struct dirent *entry; tasks && total <= maximum && (entry = readdir(tasks));) {
            if (entry->d_name[0] == '.') continue;
            if (i) total++; /* not this process itself */
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
    return total;
}

/*
 * Kill the processes that a job left behind, until no child is left: as subreaper, this process is their parent. Add
 * their processor time to user_ns and system_ns: a job could otherwise compute in processes that it does not wait for.
 */
static void reap_strays(pid_t group, long long *user_ns, long long *system_ns) {
    kill(-group, SIGKILL);
    for (;;) {
        pid_t ended;
        struct rusage used;
        while ((ended = wait4(-1, NULL, WNOHANG, &used)) > 0) {
            *user_ns += ns(used.ru_utime);
            *system_ns += ns(used.ru_stime);
        }
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

/* Counts of threads at work, one every interval_ns. When a long job has filled it, every second count is dropped. */
static struct looks {
    int at_work[MAX_LOOKS], count;
    long long interval_ns, next_ns;
} looks;

static void count_threads(long long now) {
    if (now < looks.next_ns) return;
    if (looks.count == MAX_LOOKS) {
        for (int i = 0; i < MAX_LOOKS / 2; i++) looks.at_work[i] = looks.at_work[2 * i];
        looks.count = MAX_LOOKS / 2;
        looks.interval_ns *= 2;
    }
    int *at_work = &looks.at_work[looks.count++];
    *at_work = 0;
    descendants(MAX_THREADS, at_work);
    looks.next_ns = now + looks.interval_ns;
}

static int by_size(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

/* The events that are counted in a job: their file descriptors, -1 for those that cannot be. */
static struct {
    int fd[MAX_COUNTERS], number;
} counters;

/*
 * Open the events of a list for this process and, by `inherit`, for the job's. They are disabled here, and enabled in
 * the job when it executes its program, so that neither this process nor the fork is counted.
 */
static void open_counters(const char *list) {
    counters.number = 0;
#ifdef PERF_FLAG_FD_CLOEXEC
    for (int leader = -1; *list && counters.number < MAX_COUNTERS;) {
        int grouped = *list == '+';
        char *end;
        struct perf_event_attr event = {0};
        event.size = sizeof event;
        event.type = (unsigned)strtoul(list + grouped, &end, 0);
        event.config = *end == ':' ? strtoull(end + 1, &end, 0) : 0;
        event.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
        event.inherit = event.exclude_kernel = event.exclude_hv = 1;
        event.disabled = event.enable_on_exec = !grouped;
        int fd = grouped && leader < 0
                     ? -1
                     : (int)syscall(SYS_perf_event_open, &event, 0, -1, grouped ? leader : -1, PERF_FLAG_FD_CLOEXEC);
        if (!grouped) leader = fd;
        counters.fd[counters.number++] = fd;
        list = *end == ',' ? end + 1 : end + strlen(end);
    }
#else
    (void)list;
#endif
}

/* Print the counts of the job's processes, all of which have ended, and close the events. */
static void report_counters(void) {
    for (int i = 0; i < counters.number; i++) {
        long long value[3];
        if (counters.fd[i] >= 0 && read(counters.fd[i], value, sizeof value) == sizeof value)
            printf(" %lld %lld %lld", value[0], value[1], value[2]);
        else printf(" -1 0 0");
    }
    for (int i = 0; i < counters.number; i++)
        if (counters.fd[i] >= 0) close(counters.fd[i]);
}

/* Run one job and report it. `wake_signals` end the wait for it, `mask` is the signal mask that it gets. */
static void run(char **field, int fields, const sigset_t *wake_signals, const sigset_t *mask) {
    if (job_stopped) {
        printf("0 0 %d 0 0 0 0 0 0 0 0 0 0\n", NOT_STARTED);
        fflush(stdout);
        return;
    }
    open_counters(field[7]);
    long long limit_ns = atoll(field[0]) * 1000000LL, minimum = process_limit ? processes() : 0, start = now_ns();
    int counted = atoi(field[6]);
    looks.count = 0, looks.interval_ns = THREAD_COUNT_NS, looks.next_ns = start + THREAD_COUNT_NS;
    pid_t pid = fork();
    if (pid < 0) die("fork");
    if (pid == 0) become(field, fields, mask);

    struct rusage used;
    long long user = 0, system = 0;
    int status = 0, stopped = 0;
    while (wait4(pid, &status, WNOHANG, &used) == 0) {
        long long left = start + limit_ns - now_ns();
        if (left <= 0) stopped = OUT_OF_TIME;
        if (process_limit) {
            long long all = processes();
            if (all < minimum) minimum = all; /* otherwise, processes that others end would hide as many of the job's */
            /* other programs start processes too: count the job's own before it is stopped */
            if (all - minimum > process_limit && descendants(process_limit, NULL) > process_limit) stopped = CROWDED;
        }
        if (stopped) {
            kill(-pid, SIGKILL);
            wait4(pid, &status, 0, &used);
            break;
        }
        if (counted) count_threads(now_ns());
        long long pause = counted ? looks.interval_ns : PROCESS_CHECK_NS;
        if ((counted || process_limit) && left > pause) left = pause;
        struct timespec wait = {left / 1000000000LL, left % 1000000000LL};
        int received = sigtimedwait(wake_signals, NULL, &wait);
        if (received == SIGTERM || received == SIGINT) { /* the harness is ending, or has ended */
            reap_strays(pid, &user, &system);
            exit(128 + received);
        }
    }
    job_stopped = stopped;
    long long wall = now_ns() - start;
    user = ns(used.ru_utime), system = ns(used.ru_stime);
    reap_strays(pid, &user, &system);
    int *late = looks.at_work + looks.count / 2, number = looks.count - looks.count / 2;
    qsort(late, (size_t)number, sizeof *late, by_size);
    printf("%d %d %d %lld %lld %lld %lld %ld %ld %ld %ld %d %d", WIFEXITED(status) ? WEXITSTATUS(status) : 0,
           WIFSIGNALED(status) ? WTERMSIG(status) : 0, stopped, wall, user, system,
           used.ru_maxrss * 1024LL, used.ru_minflt, used.ru_majflt, used.ru_nvcsw, used.ru_nivcsw,
           number ? late[number - 1 - number / 4] : 0, number);
    report_counters();
    putchar('\n');
    fflush(stdout);
}

static void run_all(const char *jobs, const sigset_t *wake_signals, const sigset_t *mask) {
    size_t size;
    char *text = read_file(jobs, &size), *field[MAX_FIELDS + 1], *start = text;
    int fields = 0;
    job_stopped = 0;
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
            if (fields <= FIRST_WORD) {
                errno = EINVAL;
                die(jobs);
            }
            run(field, fields, wake_signals, mask);
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

/* The folder of the lists of System V objects, which stands for the objects themselves in the list of folders. */
#define SYSTEM_V "/proc/sysvipc"

/* Remove the System V shared memory, semaphores and message queues: they outlive the processes that created them. */
static void remove_system_v(void) {
    static const char *const lists[] = {SYSTEM_V "/shm", SYSTEM_V "/sem", SYSTEM_V "/msg"};
    for (int i = 0; i < 3; i++) {
        FILE *list = fopen(lists[i], "r");
        char line[512];
        int id;
        while (list && fgets(line, sizeof line, list)) {
            if (sscanf(line, "%*d %d", &id) != 1) continue; /* the heading */
            if (i == 0) shmctl(id, IPC_RMID, NULL);
            if (i == 1) semctl(id, 0, IPC_RMID);
            if (i == 2) msgctl(id, IPC_RMID, NULL);
        }
        if (list) fclose(list);
    }
}

int main(int argc, char **argv) {
    if (argc < 5) {
        fprintf(stderr, "usage: launch CPUS PAGES LIMITS JOBS\n       launch CPUS PAGES LIMITS - FOLDER...\n");
        return 64;
    }
    pin(argv[1]);
    /* jobs inherit the setting */
    if (!strcmp(argv[2], "4k") && prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0)) die("huge pages cannot be disabled");
    if (strcmp(argv[3], "-") && sscanf(argv[3], "%lld:%lld", &memory_limit, &process_limit) != 2) {
        errno = EINVAL;
        die(argv[3]);
    }
    /* no kernel can open this process's stdout or memory through /proc, or attach to it as a debugger, even as root */
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_CAPBSET_DROP, SYS_PTRACE, 0, 0, 0); /* fails where there is no such privilege to drop */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigset_t wake_signals, mask;
    sigemptyset(&wake_signals);
    sigaddset(&wake_signals, SIGCHLD);
    sigaddset(&wake_signals, SIGTERM);
    sigaddset(&wake_signals, SIGINT);
    sigprocmask(SIG_BLOCK, &wake_signals, &mask);
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* if the harness is killed, end, and kill the job */

    if (strcmp(argv[4], "-")) {
        run_all(argv[4], &wake_signals, &mask);
        return 0;
    }
    char *jobs = NULL;
    size_t room = 0;
    for (ssize_t length; (length = getline(&jobs, &room, stdin)) > 0;) {
        if (jobs[length - 1] == '\n') jobs[length - 1] = '\0';
        for (char **folder = argv + 5; *folder; folder++) {
            if (!strcmp(*folder, SYSTEM_V)) remove_system_v();
            else if (!access(*folder, F_OK) && nftw(*folder, remove_below, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT))
                die(*folder);
        }
        run_all(jobs, &wake_signals, &mask);
    }
    return 0;
}
