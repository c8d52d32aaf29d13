/* SPDX-License-Identifier: MIT */
/* Events on their way to be stored, in the order in which they were handed over, with numbers from
 * 1 on without a gap. An event is settled when it is stored or given up. What is in front was sent
 * and is not settled yet; behind it waits what was not sent. Bounded by bytes: past that the oldest
 * is given up. No I/O, no lock. */
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sent, but not settled, at most. It is less than what the stream keeps of a user: so an event that
 * may have to be sent again is still there, if it was stored, when a server that starts anew reads
 * its ids from what it keeps. */
#define BACKLOG_WINDOW 512

struct backlog_event {
    struct backlog_event *next;
    int64_t number;
    int64_t added_ms;
    int64_t sent_ms; /* the last time */
    bool is_settled; /* but something before it is not */
    struct uuid user_id;
    const char *id; /* in the same block, as is body */
    struct slice body;
};

struct backlog {
    size_t max_bytes;
    size_t bytes;
    int64_t position; /* the number of the latest event */
    struct backlog_event *first;
    struct backlog_event **end;
    struct backlog_event *unsent; /* the first to be sent; NULL: none */
};

void backlog_init(struct backlog *backlog, size_t max_bytes);

/* Copies the event. Returns how many were given up for want of room. */
size_t backlog_add(struct backlog *backlog, const char *user_id, const char *id, struct slice body,
                   int64_t now_ms);

/* The next event to send, which now counts as sent; NULL when there is none or the window is full.
 * It is valid until the next call. */
const struct backlog_event *backlog_next(struct backlog *backlog, int64_t now_ms);

/* The event with this number, if it is still there, is stored or given up. */
void backlog_settle(struct backlog *backlog, int64_t number);

/* All that was sent and is not settled is to be sent again. */
void backlog_rewind(struct backlog *backlog);

/* Gives up what was added before then_ms, what has a number up to last, or all events of a user.
 * Return how many. */
size_t backlog_drop_older(struct backlog *backlog, int64_t then_ms);
size_t backlog_drop_to(struct backlog *backlog, int64_t last);
size_t backlog_drop_user(struct backlog *backlog, const char *user_id);

bool backlog_is_empty(const struct backlog *backlog);

/* All events up to this number are settled. */
int64_t backlog_settled(const struct backlog *backlog);

void backlog_done(struct backlog *backlog);
