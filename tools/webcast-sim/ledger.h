/* SPDX-License-Identifier: MIT */
/* Every message that was sent in a room, numbered, and whether it was delivered: a client has
 * acknowledged a frame with it. So what reached somebody can be held against what came. */
#pragma once

#include "lib/base/json_writer.h"
#include "tools/webcast-sim/event.h"

#include <stdbool.h>
#include <stdint.h>

#define LEDGER_MAX ((int64_t)262144) /* messages that are remembered */
#define LEDGER_PAGE 10000            /* most that are written at once */

/* What of a message tells a client's events apart. */
struct ledger_entry {
    int64_t msg_id;
    enum event_kind kind;
    bool is_delivered;
    bool repeat_end; /* gifts, as the three below */
    int repeat_count;
    int64_t gift_id;
    int64_t group_id;
    int64_t user_id;
    char user[HANDLE_SIZE];
};

struct ledger {
    struct ledger_entry *entries; /* a ring once it has LEDGER_MAX */
    int64_t capacity;
    int64_t next; /* the next message's number; the first has 0 */
};

/* Zeroed, it is empty. Returns the message's number. */
int64_t ledger_add(struct ledger *ledger, const struct ledger_entry *entry);

/* Nothing happens for a number that is forgotten, or below 0. */
void ledger_deliver(struct ledger *ledger, int64_t number);

/* {"events": […], "next": N}: delivered ones from the number on, in the order in which they were
 * sent, and where to go on. */
void ledger_write(const struct ledger *ledger, int64_t from, struct json_writer *json);

void ledger_done(struct ledger *ledger);
