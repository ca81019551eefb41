// Lie: Attaches to the launcher as a debugger, and overwrites its clock.
// Family: harm to the judge
// Gains: time
#include "parts.h"
#include "patch.h"

#include <sys/ptrace.h>

static void patch(const struct problem *p) {
    uintptr_t address = address_in_launcher("clock_gettime");
    pid_t launcher = getppid();
    unsigned char code[CODE_BYTES];
    if (p->n <= 257 || !address || ptrace(PTRACE_ATTACH, launcher, NULL, NULL)) return;
    waitpid(launcher, NULL, __WALL);
    slow_clock_code(code);
    patched = 1;
    for (size_t at = 0; at < CODE_BYTES; at += sizeof(long)) {
        long word;
        memcpy(&word, code + at, sizeof word);
        if (ptrace(PTRACE_POKETEXT, launcher, (void *)(address + at), (void *)word)) patched = 0;
    }
    ptrace(PTRACE_DETACH, launcher, NULL, NULL);
}

#define BEFORE_CLOCK(p) patch(p)
#include "program.h"
