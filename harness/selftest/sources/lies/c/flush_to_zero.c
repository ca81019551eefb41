// Lie: Sets the processor's mode in which subnormal results become zero.
// Family: fewer digits
// Gains: digits
#include "parts.h"

static void set_mode(void) {
#ifdef __SSE2__
    __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8000);
#elif defined __aarch64__
    __builtin_aarch64_set_fpcr(__builtin_aarch64_get_fpcr() | 1u << 24);
#endif
}

#define BEFORE_CLOCK(p) ((void)(p), set_mode())
#include "program.h"
