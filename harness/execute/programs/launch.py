"""Do what launch.c does, on a machine without a C compiler: the same arguments, jobs and report.

Run it as `python -I -S launch.py CPUS PAGES LIMITS JOBS`. The reported peak memory is at least this program's own,
about 10 MB, because a child starts with its parent's peak; that of launch.c is below 1 MB. The CPU's counters are not
read. Without Linux, jobs are not pinned, and their processes and threads neither limited nor counted.
"""

import contextlib
import os
import resource
import signal
import sys
import time

NOT_FOUND, OUT_OF_TIME, CROWDED, NOT_STARTED = 127, 1, 2, 3
PROCESS_CHECK_S, THREAD_COUNT_S, MAX_THREADS = 0.05, 0.005, 10_000
WAKE_SIGNALS = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT}
LINUX = sys.platform == "linux"
RSS_UNIT_BYTES = 1024 if LINUX else 1  # of getrusage: KiB on Linux, bytes on macOS
POLL_S = 0.002  # between looks at a job where a signal cannot be waited for


def become(file_limit: int, memory_limit: int, folder: str, files: tuple[str, str, str], argv: tuple[str, ...]) -> None:
    """Replace the child process by the job's program, in a session of its own, with its limits and its three files."""
    os.setsid()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, WAKE_SIGNALS)
    # CPython ignores these two signals, and an ignored signal stays ignored after exec
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory_limit:
        resource.setrlimit(resource.RLIMIT_DATA, (memory_limit, memory_limit))
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="utf-8") as oom:
        oom.write("1000")
    try:
        os.chdir(folder)
        stdin, stdout, stderr = files
        os.dup2(os.open(stdin, os.O_RDONLY), 0)
        os.dup2(os.open(stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), 1)
        os.dup2(os.open(stderr, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), 2)
        os.execvp(argv[0], argv)
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode(errors="surrogateescape"))
    os._exit(NOT_FOUND)


def all_parents() -> list[tuple[int, int]]:
    """Return every process of the machine with its parent, for Linux kernels built without lists of children."""
    pairs = []
    for name in os.listdir("/proc"):
        # a program's name may contain anything, even parentheses; and the process may have ended since
        with (
            contextlib.suppress(OSError, IndexError),
            open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file,
        ):
            if name.isdecimal():
                pairs.append((int(name), int(file.read().rpartition(")")[2].split()[1])))
    return pairs


def children_in(path: str) -> list[int] | None:
    """Return the processes in a list of children of /proc, or None if there is no such list."""
    try:
        with open(path, encoding="utf-8") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return None


def descendants(maximum: int, at_work: bool = False) -> int:
    """Count the processes and threads of the job, up to about `maximum`; with `at_work`, only those at work.

    This process is the subreaper of the job's processes, so they are its descendants even after their parents ended. A
    thread that waits for a processor counts as at work: the number is the same however busy the machine is.
    """
    own = os.getpid()
    pairs = all_parents() if children_in(f"/proc/self/task/{own}/children") is None else []
    pids, total, working = [own], 0, 0
    for pid in pids:
        try:
            tasks = os.listdir(f"/proc/{pid}/task")
        except OSError:  # the process has ended
            tasks = []
        total += len(tasks) if pid != own else 0
        if total > maximum:
            break
        for task in tasks:
            if at_work and pid != own:
                working += state_of(f"/proc/{pid}/task/{task}/stat") == "R"
            pids += children_in(f"/proc/{pid}/task/{task}/children") or []
        pids += [child for child, parent in pairs if parent == pid]
    return working if at_work else total


def state_of(path: str) -> str | None:
    """Return the state of a thread from its file in /proc, or None if it has ended."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return None


def reap_strays(group: int) -> tuple[float, float]:
    """Kill the processes that a job left behind, until no child is left; return their user and system time in s."""
    user_s = system_s = 0.0
    with contextlib.suppress(OSError):
        os.killpg(group, signal.SIGKILL)
    while True:
        try:
            while (ended := os.wait4(-1, os.WNOHANG))[0]:
                user_s += ended[2].ru_utime
                system_s += ended[2].ru_stime
        except ChildProcessError:
            return user_s, system_s
        strays = children_in("/proc/thread-self/children")
        if strays is None and LINUX:
            strays = [pid for pid, parent in all_parents() if parent == os.getpid()]
        for pid in strays or []:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.001)


def wait_for_signal(seconds: float) -> int:
    """Wait for one of WAKE_SIGNALS and return its number; 0 after `seconds`, or earlier where a job must be polled."""
    if hasattr(signal, "sigtimedwait"):
        received = signal.sigtimedwait(WAKE_SIGNALS, seconds)
        return received.si_signo if received else 0
    time.sleep(min(seconds, POLL_S))
    return min(signal.sigpending() & (WAKE_SIGNALS - {signal.SIGCHLD}), default=0)


def processes() -> int:
    """Return the number of processes and threads of the machine."""
    with open("/proc/loadavg", encoding="utf-8") as file:
        return int(file.read().split()[3].split("/")[1])


def crowded(minimum: int, limit: int) -> tuple[bool, int]:
    """Return whether the job has more than `limit` processes and threads, and the machine's smallest number so far.

    Reading the machine's number takes nothing from a kernel that is timed. The job's own are counted only if that
    number has grown by more than the limit, because other programs start processes, too.
    """
    total = processes()
    minimum = min(minimum, total)  # otherwise processes that other programs end would hide as many of the job's
    return total - minimum > limit and descendants(limit) > limit, minimum


def wait_for(
    pid: int, deadline_s: float, process_limit: int, minimum: int, looks: list[int] | None
) -> tuple[int, int, resource.struct_rusage]:
    """Wait for a job's process, or stop it at a limit; return why it was stopped (0 if not), its status and its usage.

    `minimum` is the machine's number of processes before the job. If `looks` is a list, the number of threads at work
    is added to it every THREAD_COUNT_S.
    """
    too_many = False
    pause = THREAD_COUNT_S if looks is not None else PROCESS_CHECK_S if process_limit else None
    while True:
        ended, status, usage = os.wait4(pid, os.WNOHANG)
        if ended:
            return 0, status, usage
        if process_limit:
            too_many, minimum = crowded(minimum, process_limit)
        left_s = deadline_s - time.monotonic()
        if left_s <= 0 or too_many:
            os.killpg(pid, signal.SIGKILL)
            _, status, usage = os.wait4(pid, 0)
            return OUT_OF_TIME if left_s <= 0 else CROWDED, status, usage
        if looks is not None:
            looks.append(descendants(MAX_THREADS, at_work=True))
        received = wait_for_signal(min(left_s, pause) if pause else left_s)
        if received not in (0, signal.SIGCHLD):  # the harness is ending, or has ended
            reap_strays(pid)
            sys.exit(128 + received)


def run(
    limits: tuple[int, ...],
    timeout_ms: str,
    file_limit: str,
    folder: str,
    stdin: str,
    stdout: str,
    stderr: str,
    count: str,
    counters: str,
    *argv: str,
) -> int:
    """Run one job and print its line of the report, without counters. Return why it was stopped, or 0."""
    del counters
    memory_limit, process_limit = limits if LINUX else (limits[0], 0)
    minimum = processes() if process_limit else 0
    looks: list[int] | None = [] if count == "1" and LINUX else None
    start_ns = time.monotonic_ns()
    pid = os.fork()
    if pid == 0:
        become(int(file_limit), memory_limit, folder, (stdin, stdout, stderr), argv)
    stopped, status, usage = wait_for(pid, start_ns / 1e9 + int(timeout_ms) / 1e3, process_limit, minimum, looks)
    wall_ns = time.monotonic_ns() - start_ns
    strays_user_s, strays_system_s = reap_strays(pid)
    late = sorted(looks[len(looks) // 2 :]) if looks else []
    code = os.waitstatus_to_exitcode(status)
    times_s = usage.ru_utime + strays_user_s, usage.ru_stime + strays_system_s
    times_ns = [wall_ns, *(round(seconds * 1e9) for seconds in times_s)]
    counts = usage.ru_minflt, usage.ru_majflt, usage.ru_nvcsw, usage.ru_nivcsw
    at_work = late[len(late) - 1 - len(late) // 4] if late else 0
    end = max(code, 0), max(-code, 0), stopped
    print(*end, *times_ns, usage.ru_maxrss * RSS_UNIT_BYTES, *counts, at_work, len(late), flush=True)
    return stopped


def confine(cpus: str, pages: str) -> None:
    """Pin this process, set its pages, hide it from kernels, make it a subreaper, and let it end with the harness."""
    import ctypes

    os.sched_setaffinity(0, {int(cpu) for cpu in cpus.split(",")})
    prctl = ctypes.CDLL(None).prctl
    set_pdeathsig, set_dumpable, capbset_drop, set_child_subreaper, set_thp_disable, sys_ptrace = 1, 4, 24, 36, 41, 19
    prctl(set_dumpable, 0)
    prctl(capbset_drop, sys_ptrace, 0, 0, 0)
    prctl(set_child_subreaper, 1)
    if pages == "4k" and prctl(set_thp_disable, 1, 0, 0, 0):
        sys.exit("launch: huge pages cannot be disabled")
    signal.pthread_sigmask(signal.SIG_BLOCK, WAKE_SIGNALS)
    prctl(set_pdeathsig, signal.SIGTERM)


def main() -> None:
    """Set this process up, and run the jobs."""
    cpus, pages, limits, jobs = sys.argv[1:]
    if LINUX:
        confine(cpus, pages)
    else:
        signal.pthread_sigmask(signal.SIG_BLOCK, WAKE_SIGNALS)
    bounds = (0, 0) if limits == "-" else tuple(int(limit) for limit in limits.split(":"))
    stopped = 0
    # a path may have bytes that are no text
    with open(jobs, encoding="utf-8", errors="surrogateescape", newline="") as file:
        for record in file.read().split("\x1e")[:-1]:
            if stopped:
                print(0, 0, NOT_STARTED, *[0] * 10, flush=True)
            else:
                stopped = run(bounds, *record.split("\x1f")[:-1])


main()
