/* SPDX-License-Identifier: MIT */
/* The acks that a client owes, in the order of the frames that asked for them. */
#pragma once

#include "tools/webcast-sim/frame.h"

#define OWED_MAX 16384

struct owed_frame {
    struct frame_head head;
    size_t count;     /* of messages */
    int64_t *numbers; /* theirs in the room's ledger, -1 for those that stand in none */
};

struct owed {
    struct owed_frame *frames; /* a ring */
    size_t capacity;
    size_t first;
    size_t count;
};

/* Zeroed, nothing is owed. Takes a copy of numbers. False: the oldest had to be forgotten. */
MUST_CHECK bool owed_add(struct owed *owed, const struct frame_head *head, const int64_t *numbers,
                         size_t count);

/* The oldest one; NULL when nothing is owed. */
const struct owed_frame *owed_first(const struct owed *owed);

/* How many frames before it still wait for their ack, -1 when that one does not. */
int owed_find(const struct owed *owed, uint64_t log_id);

void owed_drop_first(struct owed *owed);

void owed_done(struct owed *owed);
