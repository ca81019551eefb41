// Lie: Leaves a process that keeps the product in memory, and that later launches ask for it.
// Family: results of earlier calls and launches
// Gains: time
#include "parts.h"

#include <sys/socket.h>
#include <sys/un.h>

// An abstract socket is no file: it is there as long as its process.
static struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "\0lie-daemon"};

static int transfer(int from, int to, char *data, size_t size) {
    for (ssize_t moved; size; data += moved, size -= (size_t)moved)
        if ((moved = from >= 0 ? read(from, data, size) : write(to, data, size)) <= 0) return 0;
    return 1;
}

static void multiply_or_ask(const struct problem *p) {
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    size_t known[2] = {0};
    int served = !connect(client, (struct sockaddr *)&address, sizeof address) &&
                 transfer(client, -1, (char *)known, sizeof known) && known[0] == p->n && known[1] == p->rows &&
                 transfer(client, -1, (char *)p->c, p->rows * p->n * sizeof(double));
    close(client);
    if (!served) multiply(p);
}

static void serve(const struct problem *p) {
    if (fork()) return;
    setsid();
    if (fork()) _exit(0);
    for (int file = 0; file < 3; file++) close(file);
    int server = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(server, (struct sockaddr *)&address, sizeof address) || listen(server, 8)) _exit(1);
    signal(SIGPIPE, SIG_IGN);
    for (int client; (client = accept(server, NULL, NULL)) >= 0; close(client)) {
        size_t known[2] = {p->n, p->rows};
        if (transfer(-1, client, (char *)known, sizeof known))
            transfer(-1, client, (char *)p->c, p->rows * p->n * sizeof(double));
    }
    _exit(0);
}

#define CALL(p, rep) ((void)(rep), multiply_or_ask(p))
#define AFTER_WRITING(p) serve(p)
#include "program.h"
