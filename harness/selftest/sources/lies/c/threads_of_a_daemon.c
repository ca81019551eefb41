// Lie: Computes in a grandchild as well, whose parent has ended: no process waits for its processor time.
// Family: more threads than allowed
// Gains: time
#include "parts.h"
#include "processes.h"

static void become_daemon(void) {
    setsid();
    if (fork()) _exit(0);
}

#define CALL(p, rep) ((void)(rep), multiply_by_processes(p, 2, become_daemon))
#include "program.h"
