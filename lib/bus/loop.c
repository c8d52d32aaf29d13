/* SPDX-License-Identifier: MIT */
#include "lib/bus/loop.h"

#include "lib/base/macros.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct loop {
    int epoll;
    int stop; /* an eventfd; readable: the thread ends */
    pthread_t thread;

    /* The connection's, under its lock: the library calls back with it held. */
    natsConnection *connection;
    int socket;
    uint32_t events; /* those waited for */
};

static void *run(void *closure)
{
    const struct loop *loop = closure;
    struct epoll_event event;
    for (;;) {
        if (epoll_wait(loop->epoll, &event, 1, -1) < 1)
            continue; /* a signal */
        natsConnection *connection = event.data.ptr;
        if (!connection)
            return NULL;
        if (event.events & ~(uint32_t)EPOLLOUT)
            natsConnection_ProcessReadEvent(connection);
        if (event.events & EPOLLOUT)
            natsConnection_ProcessWriteEvent(connection);
    }
}

/* Without any event the socket leaves the set altogether: a hung-up one would keep it awake. */
static natsStatus set_events(struct loop *loop, uint32_t events)
{
    int change = EPOLL_CTL_MOD;
    if (events == loop->events)
        return NATS_OK;
    if (events == 0)
        change = EPOLL_CTL_DEL;
    else if (loop->events == 0)
        change = EPOLL_CTL_ADD;
    loop->events = events;
    struct epoll_event event = {.events = events, .data.ptr = loop->connection};
    return epoll_ctl(loop->epoll, change, loop->socket, &event) == 0 ? NATS_OK : NATS_SYS_ERROR;
}

/* ---- what the library calls ---- */

static natsStatus on_attach(void **user_data, void *closure, natsConnection *connection,
                            natsSock socket)
{
    struct loop *loop = closure;
    *user_data = loop;
    loop->connection = connection;
    loop->socket = socket;
    fcntl(socket, F_SETFD, FD_CLOEXEC); /* or every program that we start would inherit it */
    loop->events = 0;                   /* an earlier socket is closed, and left the set by that */
    return set_events(loop, EPOLLIN);
}

static natsStatus on_change(struct loop *loop, uint32_t event, bool add)
{
    return set_events(loop, add ? loop->events | event : loop->events & ~event);
}

static natsStatus on_read(void *user_data, bool add)
{
    return on_change(user_data, EPOLLIN, add);
}

static natsStatus on_write(void *user_data, bool add)
{
    return on_change(user_data, EPOLLOUT, add);
}

static natsStatus on_detach(void *user_data)
{
    return set_events(user_data, 0);
}

/* ---- the thread ---- */

struct loop *loop_new(void)
{
    struct loop *loop = calloc(1, sizeof(*loop));
    if (!loop)
        abort();
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->stop = eventfd(0, EFD_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN};
    if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->stop, &event) != 0 ||
        pthread_create(&loop->thread, NULL, run, loop) != 0)
        abort();
    pthread_setname_np(loop->thread, "nats-loop");
    return loop;
}

natsStatus loop_use(struct loop *loop, natsOptions *options)
{
    natsStatus s = natsOptions_SetEventLoop(options, loop, on_attach, on_read, on_write, on_detach);
    /* Else the flusher thread would ask for the write, after its sleep. */
    return s == NATS_OK ? natsOptions_SetSendAsap(options, true) : s;
}

void loop_free(struct loop *loop)
{
    if (eventfd_write(loop->stop, 1) != 0)
        abort();
    pthread_join(loop->thread, NULL);
    close(loop->stop);
    close(loop->epoll);
    free(loop);
}
