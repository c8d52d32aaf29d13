/* SPDX-License-Identifier: MIT */
/* What other threads want the WebSocket thread to do: a queue of functions with their arguments. A
 * reply to a request of ours always gets in, for their number is bounded where they are sent; live
 * events get in up to a bound. */
#pragma once

#include "lib/base/macros.h"

#include <nats/nats.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#define INBOX_EVENTS_MAX 16384

struct inbox_item {
    struct inbox_item *next;
    void (*run)(struct inbox_item *item); /* does not free the item, nor its message */
    void *closure;
    int http_status;
    natsMsg *message; /* may be NULL */
    bool is_event;
};

struct inbox {
    pthread_mutex_t lock;
    struct inbox_item *first;
    struct inbox_item *last;
    size_t events;
    bool lost_events; /* since the last inbox_take */
    bool is_open;
    void (*wake)(void *closure); /* makes the thread call inbox_take soon */
    void *closure;
};

void inbox_init(struct inbox *inbox, void (*wake)(void *closure), void *closure);

/* Takes item's message; the rest is copied. From any thread. */
void inbox_put(struct inbox *inbox, const struct inbox_item *item);

/* Runs and frees all items. Returns whether events were lost for want of room. */
bool inbox_run(struct inbox *inbox);

/* Wakes nobody from here on: what still comes is kept until the next inbox_run. */
void inbox_close(struct inbox *inbox);

/* Runs what is left. */
void inbox_done(struct inbox *inbox);
