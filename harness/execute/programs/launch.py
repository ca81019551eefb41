"""launch.c for a machine without a C compiler: the same arguments, jobs and report.

Run as `python -I -S launch.py CPUS PAGES LIMITS JOBS`. The peak memory that it reports is at least its own, about
10 MB, because a child starts with what its parent had; launch.c's is under 1 MB.
"""

import contextlib
import os
import resource
import signal
import sys
import time

NOT_FOUND, OUT_OF_TIME, CROWDED, NOT_STARTED = 127, 1, 2, 3
LOOK_S, COUNT_S, MAX_THREADS = 0.05, 0.005, 10_000
WAKERS = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT}


def become(file_limit: int, memory_limit: int, folder: str, stdout: str, stderr: str, argv: tuple[str, ...]) -> None:
    """In the child: a session of its own, its limits, its files, and then the job's program."""
    os.setsid()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, WAKERS)
    # CPython ignores these two, and what is ignored stays so in the program that follows
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory_limit:
        resource.setrlimit(resource.RLIMIT_DATA, (memory_limit, memory_limit))
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as oom:
        oom.write("1000")
    try:
        os.chdir(folder)
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
        os.dup2(os.open(stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), 1)
        os.dup2(os.open(stderr, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), 2)
        os.execvp(argv[0], argv)
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
    os._exit(NOT_FOUND)


def pairs() -> list[tuple[int, int]]:
    """Every process of the machine with its parent: for a kernel that was built without lists of children."""
    found = []
    for name in os.listdir("/proc"):
        # a program's name may hold anything, brackets too; and it may have ended meanwhile
        with contextlib.suppress(OSError, IndexError), open(f"/proc/{name}/stat", errors="replace") as file:
            if name.isdecimal():
                found.append((int(name), int(file.read().rpartition(")")[2].split()[1])))
    return found


def listed(path: str) -> list[int] | None:
    """The processes that a list of children names; None where there is none."""
    try:
        with open(path) as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return None


def descendants(most: int, at_work: bool = False) -> int:
    """How many processes and threads this job has, up to about `most`; with `at_work`, how many of them are at work.

    As this process is the subreaper of all that a job starts, they are below it even if their parents have ended. At
    work are those that wait for a processor too, so that it is the same however busy the machine is.
    """
    own = os.getpid()
    known = pairs() if listed(f"/proc/self/task/{own}/children") is None else []
    below, found, working = [own], 0, 0
    for pid in below:
        try:
            tasks = os.listdir(f"/proc/{pid}/task")
        except OSError:  # it has ended meanwhile
            tasks = []
        found += len(tasks) if pid != own else 0
        if found > most:
            break
        for task in tasks:
            if at_work and pid != own:
                working += state_of(f"/proc/{pid}/task/{task}/stat") == "R"
            below += listed(f"/proc/{pid}/task/{task}/children") or []
        below += [child for child, parent in known if parent == pid]
    return working if at_work else found


def state_of(path: str) -> str | None:
    """The state of a thread by its file in /proc; None if it has ended."""
    try:
        with open(path, errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return None


def reap_strays(group: int) -> None:
    """Kill what a job left behind, until there is no child left."""
    with contextlib.suppress(OSError):
        os.killpg(group, signal.SIGKILL)
    while True:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        strays = listed("/proc/thread-self/children")
        if strays is None:
            strays = [pid for pid, parent in pairs() if parent == os.getpid()]
        for pid in strays:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.001)


def processes() -> int:
    """All processes and threads of the machine."""
    with open("/proc/loadavg") as file:
        return int(file.read().split()[3].split("/")[1])


def crowded(least: int, limit: int) -> tuple[bool, int]:
    """Whether the job has more processes and threads than `limit`, and the least number of the machine's so far.

    Reading one number takes nothing from a kernel that is timed; the job's own are counted only where it is too large,
    since what others start is not the job's.
    """
    total = processes()
    least = min(least, total)  # what others end would else be so much more for the job
    return total - least > limit and descendants(limit) > limit, least


def run(
    limits: tuple[int, ...],
    timeout_ms: str,
    file_limit: str,
    folder: str,
    stdout: str,
    stderr: str,
    count: str,
    *argv: str,
) -> int:
    """Run one job and print its line; 0 unless it was stopped."""
    memory_limit, process_limit = limits
    least, too_many, start = processes(), False, time.monotonic_ns()
    seen, pause = [], LOOK_S if process_limit else None
    if counted := count == "1":
        pause = COUNT_S
    pid = os.fork()
    if pid == 0:
        become(int(file_limit), memory_limit, folder, stdout, stderr, argv)
    stopped = 0
    while True:
        done, status, used = os.wait4(pid, os.WNOHANG)
        if done:
            break
        if process_limit:
            too_many, least = crowded(least, process_limit)
        left = int(timeout_ms) / 1e3 - (time.monotonic_ns() - start) / 1e9
        if left <= 0:
            stopped = OUT_OF_TIME
        elif too_many:
            stopped = CROWDED
        if stopped:
            os.killpg(pid, signal.SIGKILL)
            _, status, used = os.wait4(pid, 0)
            break
        if counted:
            seen.append(descendants(MAX_THREADS, at_work=True))
        woken = signal.sigtimedwait(WAKERS, min(left, pause) if pause else left)
        if woken and woken.si_signo != signal.SIGCHLD:
            reap_strays(pid)
            sys.exit(128 + woken.si_signo)
    wall = time.monotonic_ns() - start
    reap_strays(pid)
    late = sorted(seen[len(seen) // 2 :])
    code = os.waitstatus_to_exitcode(status)
    print(
        max(code, 0),
        max(-code, 0),
        stopped,
        wall,
        round(used.ru_utime * 1e9),
        round(used.ru_stime * 1e9),
        used.ru_maxrss * 1024,
        used.ru_minflt,
        used.ru_majflt,
        used.ru_nvcsw,
        used.ru_nivcsw,
        late[(len(late) - 1) // 2] if late else 0,
        len(late),
        flush=True,
    )
    return stopped


def main() -> None:
    """Pin, become subreaper, and run the jobs."""
    import ctypes

    cpus, pages, limits, jobs = sys.argv[1:]
    os.sched_setaffinity(0, {int(cpu) for cpu in cpus.split(",")})
    prctl = ctypes.CDLL(None).prctl
    set_pdeathsig, set_child_subreaper, set_thp_disable = 1, 36, 41
    prctl(set_child_subreaper, 1)
    if pages == "4k" and prctl(set_thp_disable, 1, 0, 0, 0):
        sys.exit("launch: no huge pages: refused")
    signal.pthread_sigmask(signal.SIG_BLOCK, WAKERS)
    prctl(set_pdeathsig, signal.SIGTERM)
    bounds = (0, 0) if limits == "-" else tuple(int(limit) for limit in limits.split(":"))
    given_up = 0
    with open(jobs, newline="") as file:
        for record in file.read().split("\x1e")[:-1]:
            if given_up:
                print(0, 0, NOT_STARTED, *[0] * 10, flush=True)
            else:
                given_up = run(bounds, *record.split("\x1f")[:-1])


main()
