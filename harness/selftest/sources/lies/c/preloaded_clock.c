// Lie: Is preloaded into the honest kernel, whose clock then runs at half speed.
// Family: a false clock
// Gains: time
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
    long failed = syscall(SYS_clock_gettime, clock, time);
    long long half_ns = (time->tv_sec * 1000000000LL + time->tv_nsec) / 2;
    time->tv_sec = half_ns / 1000000000;
    time->tv_nsec = half_ns % 1000000000;
    return (int)failed;
}
