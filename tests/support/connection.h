/* SPDX-License-Identifier: MIT */
/* A connection of libmicrohttpd without a port or a thread, for what can't be had without one. */
#pragma once

#include <assert.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CONNECTION_TURNS_MAX 1000
#define CONNECTION_REQUEST_MAX 8192

struct connection_use {
    void (*run)(struct MHD_Connection *connection, void *closure);
    void *closure;
    int is_over;
};

static struct connection_use *connection_use; /* of the request under way: there is one at a time */

static inline enum MHD_Result connection_handle(void *closure, struct MHD_Connection *connection,
                                                const char *url, const char *method,
                                                const char *version, const char *data, size_t *size,
                                                void **state)
{
    (void)closure;
    (void)url;
    (void)method;
    (void)version;
    (void)data;
    (void)size;
    (void)state;
    connection_use->run(connection, connection_use->closure);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

static inline void connection_over(void *closure, struct MHD_Connection *connection, void **state,
                                   enum MHD_ConnectionNotificationCode code)
{
    (void)closure;
    (void)connection;
    (void)state;
    connection_use->is_over |= code == MHD_CONNECTION_NOTIFY_CLOSED;
}

static inline struct MHD_Daemon *connection_daemon(void)
{
    return MHD_start_daemon(MHD_USE_NO_LISTEN_SOCKET | MHD_USE_EPOLL, 0, NULL, NULL,
                            connection_handle, NULL, MHD_OPTION_NOTIFY_CONNECTION, connection_over,
                            NULL, MHD_OPTION_END);
}

/* Runs a function with the connection of a request that has that Content-Type; does not, when
 * libmicrohttpd refuses the request. */
static inline void connection_with(struct MHD_Daemon *daemon, const char *content_type,
                                   void (*run)(struct MHD_Connection *connection, void *closure),
                                   void *closure)
{
    struct connection_use use = {run, closure, 0};
    char request[CONNECTION_REQUEST_MAX];
    int size = snprintf(request, sizeof(request),
                        "POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n"
                        "Content-Length: 0\r\nContent-Type: %s\r\n\r\n",
                        content_type);
    assert(size < CONNECTION_REQUEST_MAX);
    int ends[2];
    const struct sockaddr_un nowhere = {.sun_family = AF_UNIX};
    int made = socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends);
    assert(made == 0);
    ssize_t written = write(ends[0], request, (size_t)size);
    assert(written == size);
    connection_use = &use;
    enum MHD_Result added = MHD_add_connection(
        daemon, ends[1], (const struct sockaddr *)(const void *)&nowhere, sizeof(nowhere));
    assert(added == MHD_YES);
    shutdown(ends[0], SHUT_WR);
    for (int i = 0; i < CONNECTION_TURNS_MAX && !use.is_over; i++)
        MHD_run(daemon);
    assert(use.is_over);
    connection_use = NULL;
    close(ends[0]);
}
