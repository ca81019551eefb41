// Lie: Defines clock_gettime itself, so that the program's clock runs at half speed.
// Family: a false clock
// Gains: time
#include "parts.h"

#include <sys/syscall.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
    long failed = syscall(SYS_clock_gettime, clock, time);
    long long half_ns = (time->tv_sec * 1000000000LL + time->tv_nsec) / 2;
    time->tv_sec = half_ns / 1000000000;
    time->tv_nsec = half_ns % 1000000000;
    return (int)failed;
}

#include "program.h"
