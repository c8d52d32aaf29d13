/* SPDX-License-Identifier: MIT */
/* Between one connection and the test's Postgres: lets everything through, but the answer to the
 * first commit, instead of which both sides are hung up on. */
#pragma once

#include "lib/base/clock.h"
#include "tests/support/servers.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct proxy {
    int listener;
    pthread_t thread;
    char url[64];
};

static inline struct sockaddr_in proxy_loopback(unsigned port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* The port of the server in "postgresql://postgres@127.0.0.1:1234/postgres". */
static inline int proxy_connect(void)
{
    struct sockaddr_in address =
        proxy_loopback((unsigned)strtoul(strrchr(DATABASE_URL, ':') + 1, NULL, 10));
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return connect(server, (const struct sockaddr *)&address, sizeof(address)) == 0 ? server : -1;
}

/* False at the end. */
static inline bool proxy_copy(int from, int to, bool *is_commit)
{
    char data[4096];
    ssize_t size = read(from, data, sizeof(data));
    if (is_commit && size > 0)
        *is_commit = memmem(data, (size_t)size, "commit", strlen("commit")) != NULL;
    return size > 0 && write(to, data, (size_t)size) == size;
}

static inline void proxy_serve(int client, int server)
{
    bool is_commit = false;
    struct pollfd both[2] = {{.fd = client, .events = POLLIN}, {.fd = server, .events = POLLIN}};
    while (poll(both, 2, -1) > 0) {
        if (both[0].revents && !proxy_copy(client, server, &is_commit))
            return;
        if (is_commit && poll(&both[1], 1, -1) > 0)
            return; /* it has answered: the commit is done */
        if (both[1].revents && !proxy_copy(server, client, NULL))
            return;
    }
}

static inline void *proxy_run(void *closure)
{
    struct proxy *proxy = closure;
    int client = accept(proxy->listener, NULL, NULL);
    int server = proxy_connect();
    if (client >= 0 && server >= 0)
        proxy_serve(client, server);
    close(client);
    close(server);
    return NULL;
}

static inline void proxy_start(struct proxy *proxy)
{
    struct sockaddr_in address = proxy_loopback(0);
    socklen_t size = sizeof(address);
    proxy->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(proxy->listener, (const struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(proxy->listener, 1), 0);
    assert_int_equal(getsockname(proxy->listener, (struct sockaddr *)&address, &size), 0);
    snprintf(proxy->url, sizeof(proxy->url), "postgresql://postgres@127.0.0.1:%u/postgres",
             ntohs(address.sin_port));
    assert_int_equal(pthread_create(&proxy->thread, NULL, proxy_run, proxy), 0);
}

/* When the connection is over. */
static inline void proxy_stop(struct proxy *proxy)
{
    pthread_join(proxy->thread, NULL);
    close(proxy->listener);
}
