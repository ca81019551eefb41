/*
 * A library to be preloaded: lets a program that uses AMX run on an x86-64 CPU that has none, a thousand times slower.
 *
 * Such a CPU answers a tile instruction with SIGILL; the handler does what the instruction would have done. Encodings
 * and effects are those of Intel's Instruction Set Reference (LDTILECFG, TILELOADD, TDPBSSD and so on). The system's
 * permission (arch_prctl) is granted by a filter that turns the call into a signal. Anything that a real CPU would
 * refuse ends the program: another palette, a tile that is not configured, shapes that do not fit each other.
 */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { TILES = 8, ROWS = 16, ROW_BYTES = 64 };

static __thread struct {
    _Bool configured;
    uint8_t rows[TILES];
    uint16_t row_bytes[TILES];
    uint8_t values[TILES][ROWS][ROW_BYTES];
} state;

static void refuse(const char *why) {
    write(2, why, strlen(why));
    write(2, "\n", 1);
    _exit(70);
}

/* Registers as instructions number them, in the order of the signal's context. */
static const int numbered[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                 REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

typedef struct {
    uint8_t *base; /* with the displacement */
    int64_t index; /* scaled: a tile's row stride */
    size_t length; /* of the operand's bytes, ModRM byte included */
} memory;

static memory operand(const uint8_t *at, const greg_t *registers, int extend_index, int extend_base) {
    uint8_t modrm = at[0], mode = modrm >> 6, rm = modrm & 7;
    memory found = {NULL, 0, 1};
    int64_t address = 0;
    if (rm == 4) {
        uint8_t sib = at[1];
        int index = (sib >> 3 & 7) | extend_index << 3, base = (sib & 7) | extend_base << 3;
        found.length = 2;
        if (index != 4)
            found.index = registers[numbered[index]] * (1LL << (sib >> 6));
        if ((sib & 7) == 5 && mode == 0)
            mode = 2;
        else
            address = registers[numbered[base]];
    } else if (rm == 5 && mode == 0) {
        refuse("amx: an address relative to the instruction is not known to the emulator");
    } else {
        address = registers[numbered[rm | extend_base << 3]];
    }
    if (mode == 1) {
        address += (int8_t)at[found.length];
        found.length += 1;
    } else if (mode == 2) {
        int32_t displacement;
        memcpy(&displacement, at + found.length, sizeof displacement);
        address += displacement;
        found.length += 4;
    }
    found.base = (uint8_t *)address;
    return found;
}

static void configure(const uint8_t *from) {
    memset(&state, 0, sizeof state);
    if (from[0] == 0)
        return;
    if (from[0] != 1)
        refuse("amx: LDTILECFG with an unknown palette");
    for (int tile = 0; tile < TILES; tile++) {
        memcpy(&state.row_bytes[tile], from + 16 + 2 * tile, 2);
        state.rows[tile] = from[48 + tile];
        if (state.rows[tile] > ROWS || state.row_bytes[tile] > ROW_BYTES)
            refuse("amx: LDTILECFG with a tile that is too large");
    }
    state.configured = 1;
}

static void need(int tile) {
    if (!state.configured || tile >= TILES || state.rows[tile] == 0 || state.row_bytes[tile] == 0)
        refuse("amx: a tile that is not configured");
}

/* sums += a . b, in groups of four bytes; `a` and `b` are signed or not. */
static void multiply(int sums, int a, int b, _Bool a_signed, _Bool b_signed) {
    need(sums), need(a), need(b);
    if (state.rows[sums] != state.rows[a] || state.row_bytes[sums] != state.row_bytes[b] ||
        state.row_bytes[a] != 4 * state.rows[b] || sums == a || sums == b || a == b)
        refuse("amx: tiles that cannot be multiplied");
    for (int m = 0; m < state.rows[sums]; m++)
        for (int n = 0; n < state.row_bytes[sums] / 4; n++) {
            uint32_t sum;
            memcpy(&sum, &state.values[sums][m][4 * n], 4);
            for (int k = 0; k < state.row_bytes[a]; k++) {
                uint8_t x = state.values[a][m][k], y = state.values[b][k / 4][4 * n + k % 4];
                sum += (uint32_t)((a_signed ? (int8_t)x : x) * (b_signed ? (int8_t)y : y));
            }
            memcpy(&state.values[sums][m][4 * n], &sum, 4);
        }
}

static void on_illegal(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info;
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    const uint8_t *at = (const uint8_t *)registers[REG_RIP];
    /* VEX, three bytes: C4, then R X B (inverted) and the map, then W vvvv (inverted) L pp; the map is 0F38 */
    if (at[0] != 0xC4 || (at[1] & 0x1F) != 2 || (at[2] & 0x84) != 0)
        refuse("amx: an instruction that this CPU has not, and that is none of AMX");
    int extend_index = !(at[1] & 0x40), extend_base = !(at[1] & 0x20), third = ~at[2] >> 3 & 15, prefix = at[2] & 3;
    uint8_t opcode = at[3], modrm = at[4];
    int tile = modrm >> 3 & 7;
    size_t length = 5;
    enum { NONE, P66, F3, F2 };
    if (opcode == 0x49 && modrm == 0xC0 && prefix == NONE) { /* TILERELEASE */
        memset(&state, 0, sizeof state);
    } else if (opcode == 0x49 && prefix == NONE && modrm < 0xC0 && tile == 0) { /* LDTILECFG */
        memory from = operand(at + 4, registers, extend_index, extend_base);
        configure(from.base + from.index);
        length = 4 + from.length;
    } else if (opcode == 0x49 && prefix == F2 && (modrm & 0xC7) == 0xC0) { /* TILEZERO */
        need(tile);
        memset(state.values[tile], 0, sizeof state.values[tile]);
    } else if (opcode == 0x4B && prefix != NONE && (modrm & 7) == 4 && modrm < 0xC0) { /* TILELOADD(T1), TILESTORED */
        memory to = operand(at + 4, registers, extend_index, extend_base);
        need(tile);
        if (prefix != F3)
            memset(state.values[tile], 0, sizeof state.values[tile]);
        for (int row = 0; row < state.rows[tile]; row++) {
            uint8_t *line = to.base + row * to.index;
            if (prefix == F3)
                memcpy(line, state.values[tile][row], state.row_bytes[tile]);
            else
                memcpy(state.values[tile][row], line, state.row_bytes[tile]);
        }
        length = 4 + to.length;
    } else if (opcode == 0x5E && modrm >= 0xC0) { /* TDPBSSD, TDPBSUD, TDPBUSD, TDPBUUD */
        multiply(tile, modrm & 7, third, prefix == F2 || prefix == F3, prefix == F2 || prefix == P66);
    } else {
        refuse("amx: an instruction that the emulator does not know");
    }
    registers[REG_RIP] += (greg_t)length;
}

static void on_refused_call(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info;
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_RAX] = 0;
}

__attribute__((constructor)) static void start(void) {
    enum { REQUEST_PERMISSION = 0x1023 };
    struct sigaction illegal = {.sa_sigaction = on_illegal, .sa_flags = SA_SIGINFO | SA_NODEFER};
    struct sigaction refused = {.sa_sigaction = on_refused_call, .sa_flags = SA_SIGINFO};
    if (sigaction(SIGILL, &illegal, NULL) || sigaction(SIGSYS, &refused, NULL))
        refuse("amx: no signal handlers");
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_arch_prctl, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, REQUEST_PERMISSION, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
        refuse("amx: no filter of system calls");
}
