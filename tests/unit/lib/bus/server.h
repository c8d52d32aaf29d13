/* SPDX-License-Identifier: MIT */
/* A nats-server that a test may stop, end and start again. */
#pragma once

#include "lib/base/clock.h"
#include "tests/unit/lib/bus/fixture.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct server {
    char url[64];
    const char *store; /* a folder for JetStream; NULL: none */
    int port;
    pid_t pid;
};

static inline int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    close(listener);
    return ntohs(address.sin_port);
}

/* On the port that it had before, if it had one. */
static inline void start_server(struct server *server)
{
    char port[16];
    if (server->port == 0)
        server->port = free_port();
    snprintf(server->url, sizeof(server->url), "nats://127.0.0.1:%d", server->port);
    snprintf(port, sizeof(port), "%d", server->port);
    server->pid = fork();
    assert_true(server->pid >= 0);
    if (server->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves no server behind */
        execlp("nats-server", "nats-server", "-a", "127.0.0.1", "-p", port, "-l", "/dev/null",
               server->store ? "-js" : NULL, "-sd", server->store, NULL);
        _exit(127);
    }
}

static inline void stop_server(struct server *server)
{
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
}

static inline struct bus *open_patiently(const struct server *server)
{
    const struct bus_options options = {.url = server->url, .name = "test"};
    struct bus *bus = NULL;
    int64_t until_ms = clock_mono_ms() + LONG_MS;
    while (bus_open(&options, &bus) != STATUS_OK && clock_mono_ms() < until_ms)
        clock_sleep_ms(20);
    assert_non_null(bus);
    return bus;
}

static inline void wait_for_connection(const struct bus *bus, bool wanted)
{
    int64_t until_ms = clock_mono_ms() + LONG_MS;
    while (bus_is_connected(bus) != wanted && clock_mono_ms() < until_ms)
        clock_sleep_ms(5);
    assert_int_equal(bus_is_connected(bus), wanted);
}
