/* SPDX-License-Identifier: MIT */
/* Many WebSockets of one process, for `make bench`: bench-sockets HOST PORT FILE opens one for each
 * line of FILE, which is the request's path, says "open" when all are, reads until its standard
 * input ends, and then tells in one line of JSON what came. Chats that say "at <ms since 1970>
 * <number>" are timed, and a number that does not follow the one before on that socket is an event
 * dropped or doubled. Pings are answered. */
#include "lib/base/banned.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATH_MAX_BYTES 2048
#define READ_BYTES 65536
#define OPENING_MAX 128
#define REST_MS 2000
#define EVENTS_MAX 256
#define LATENCIES_MAX (16 * 1024 * 1024)

enum { OP_TEXT = 1, OP_CLOSE = 8, OP_PING = 9 };

struct connection {
    int fd;
    bool is_open;
    bool is_closed;
    long last_number; /* of a chat; 0: none yet */
    char *partial;
    size_t partial_size;
};

static struct {
    struct sockaddr_in address;
    int epoll;
    struct connection *all;
    size_t count, begun, open, closed;
    long frames, chats, faults, refused;
    unsigned close_codes[65536];
    float *latencies_ms;
    size_t latency_count;
    char read[READ_BYTES * 2];
} bench;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6;
}

/* ---- frames ---- */

static void take_text(struct connection *connection, const char *text, size_t size)
{
    static const char mark[] = "\"message\":\"at ";
    const char *at = memmem(text, size, mark, sizeof(mark) - 1);
    bench.frames++;
    if (!at)
        return;
    char *end;
    double made_ms = strtod(at + sizeof(mark) - 1, &end);
    long number = strtol(end, NULL, 10);
    bench.chats++;
    if (connection->last_number && number != connection->last_number + 1)
        bench.faults++;
    connection->last_number = number;
    if (bench.latency_count < LATENCIES_MAX)
        bench.latencies_ms[bench.latency_count++] = (float)(now_ms() - made_ms);
}

static void send_pong(struct connection *connection, const char *payload, size_t size)
{
    char frame[6 + 125] = {(char)0x8a, (char)(0x80 | size)}; /* masked with zeros */
    memcpy(frame + 6, payload, size);
    if (write(connection->fd, frame, 6 + size) < 0)
        perror("pong");
}

static void take_frame(struct connection *connection, unsigned opcode, const char *payload,
                       size_t size)
{
    if (opcode == OP_TEXT)
        take_text(connection, payload, size);
    else if (opcode == OP_PING)
        send_pong(connection, payload, size);
    else if (opcode == OP_CLOSE && size >= 2)
        bench.close_codes[(unsigned char)payload[0] << 8 | (unsigned char)payload[1]]++;
}

/* How much of the data is whole frames. */
static size_t take_frames(struct connection *connection, const char *data, size_t size)
{
    size_t used = 0;
    for (;;) {
        const unsigned char *head = (const unsigned char *)data + used;
        size_t left = size - used;
        if (left < 2)
            return used;
        size_t head_size = head[1] == 126 ? 4 : head[1] == 127 ? 10 : 2;
        if (left < head_size)
            return used;
        size_t payload = head[1];
        if (head_size > 2) {
            payload = 0;
            for (size_t i = 2; i < head_size; i++)
                payload = payload << 8 | head[i];
        }
        if (left < head_size + payload)
            return used;
        take_frame(connection, head[0] & 15, data + used + head_size, payload);
        used += head_size + payload;
    }
}

/* ---- connections ---- */

static void close_connection(struct connection *connection)
{
    if (connection->is_open)
        bench.open--;
    close(connection->fd);
    connection->is_closed = true;
    connection->is_open = false;
    bench.closed++;
}

static size_t take_answer(struct connection *connection, const char *data, size_t size)
{
    const char *end = memmem(data, size, "\r\n\r\n", 4);
    if (!end)
        return 0;
    if (strncmp(data, "HTTP/1.1 101", 12) != 0) {
        bench.refused++;
        close_connection(connection);
        return size;
    }
    connection->is_open = true;
    bench.open++;
    return (size_t)(end - data) + 4;
}

static void keep(struct connection *connection, const char *data, size_t size)
{
    free(connection->partial);
    connection->partial = NULL;
    connection->partial_size = size;
    if (size == 0)
        return;
    connection->partial = malloc(size);
    if (!connection->partial)
        die("malloc");
    memcpy(connection->partial, data, size);
}

static void read_connection(struct connection *connection)
{
    size_t size = connection->partial_size;
    if (connection->is_closed)
        return;
    if (size > READ_BYTES) {
        close_connection(connection);
        return;
    }
    if (size > 0)
        memcpy(bench.read, connection->partial, size);
    ssize_t got = recv(connection->fd, bench.read + size, READ_BYTES, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0) {
        close_connection(connection);
        return;
    }
    size += (size_t)got;
    size_t used = 0;
    if (!connection->is_open)
        used = take_answer(connection, bench.read, size);
    if (connection->is_open)
        used += take_frames(connection, bench.read + used, size - used);
    if (!connection->is_closed)
        keep(connection, bench.read + used, size - used);
}

static void begin(struct connection *connection, const char *path)
{
    char request[PATH_MAX_BYTES + 256];
    int size = snprintf(request, sizeof(request),
                        "GET %s HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\n"
                        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
                        path);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    connection->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connection->fd < 0 ||
        connect(connection->fd, (struct sockaddr *)&bench.address, sizeof(bench.address)) != 0 ||
        write(connection->fd, request, (size_t)size) != size ||
        epoll_ctl(bench.epoll, EPOLL_CTL_ADD, connection->fd, &event) != 0)
        die("connect");
    bench.begun++;
}

/* ---- all of it ---- */

static int compare(const void *a, const void *b)
{
    float x = *(const float *)a;
    float y = *(const float *)b;
    return x < y ? -1 : x > y;
}

static double percentile(double share)
{
    if (bench.latency_count == 0)
        return -1;
    size_t at = (size_t)(share * (double)bench.latency_count);
    return (double)bench.latencies_ms[at < bench.latency_count ? at : bench.latency_count - 1];
}

static void report(void)
{
    qsort(bench.latencies_ms, bench.latency_count, sizeof(float), compare);
    printf("{\"open\":%zu,\"refused\":%ld,\"frames\":%ld,\"chats\":%ld,\"faults\":%ld,"
           "\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f,\"closes\":{",
           bench.open, bench.refused, bench.frames, bench.chats, bench.faults, percentile(0.5),
           percentile(0.99), percentile(0.999), percentile(1));
    const char *separator = "";
    for (unsigned code = 0; code < 65536; code++) {
        if (bench.close_codes[code] == 0)
            continue;
        printf("%s\"%u\":%u", separator, code, bench.close_codes[code]);
        separator = ",";
    }
    printf("}}\n");
}

/* False when the standard input has ended. */
static bool serve(int timeout_ms)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(bench.epoll, events, EVENTS_MAX, timeout_ms);
    for (int i = 0; i < count; i++) {
        struct connection *connection = events[i].data.ptr;
        if (!connection)
            return false;
        read_connection(connection);
    }
    return true;
}

/* Until nothing has come for a while. */
static void read_the_rest(void)
{
    long frames;
    epoll_ctl(bench.epoll, EPOLL_CTL_DEL, STDIN_FILENO, NULL);
    do {
        frames = bench.frames;
        for (double until_ms = now_ms() + REST_MS; now_ms() < until_ms;)
            (void)serve(100);
    } while (bench.frames != frames);
}

static bool open_all(FILE *paths)
{
    char path[PATH_MAX_BYTES];
    while (bench.begun < bench.count && fgets(path, sizeof(path), paths)) {
        path[strcspn(path, "\n")] = '\0';
        begin(&bench.all[bench.begun], path);
        while (bench.begun - bench.open - bench.closed >= OPENING_MAX) {
            if (!serve(-1))
                return false;
        }
    }
    while (bench.open + bench.closed < bench.begun) {
        if (!serve(-1))
            return false;
    }
    return true;
}

static size_t count_lines(FILE *file)
{
    size_t lines = 0;
    for (int byte; (byte = getc(file)) != EOF;)
        lines += byte == '\n';
    rewind(file);
    return lines;
}

int main(int argc, char **argv)
{
    FILE *paths = argc == 4 ? fopen(argv[3], "r") : NULL;
    struct epoll_event end = {.events = EPOLLIN};
    struct rlimit limit;
    if (!paths) {
        fprintf(stderr, "usage: bench-sockets ADDRESS PORT FILE\n");
        return 2;
    }
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    bench.count = count_lines(paths);
    bench.all = calloc(bench.count, sizeof(*bench.all));
    bench.latencies_ms = malloc(LATENCIES_MAX * sizeof(float)); /* only what is used is there */
    bench.epoll = epoll_create1(0);
    bench.address = (struct sockaddr_in){.sin_family = AF_INET,
                                         .sin_port = htons((uint16_t)strtol(argv[2], NULL, 10))};
    if (!bench.all || !bench.latencies_ms || bench.epoll < 0 ||
        inet_pton(AF_INET, argv[1], &bench.address.sin_addr) != 1 ||
        epoll_ctl(bench.epoll, EPOLL_CTL_ADD, STDIN_FILENO, &end) != 0)
        die("start");
    bool goes_on = open_all(paths);
    printf("open\n");
    fflush(stdout);
    while (goes_on)
        goes_on = serve(-1);
    read_the_rest();
    report();
    return 0;
}
