/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_CAPACITY 256

static struct ledger_entry *find(const struct ledger *ledger, int64_t number)
{
    if (number < 0 || number >= ledger->next || number < ledger->next - ledger->capacity)
        return NULL;
    return &ledger->entries[number % ledger->capacity];
}

/* Until it is a ring, all numbers are below the capacity, so that entries keep their places. */
static void grow(struct ledger *ledger)
{
    int64_t capacity = ledger->capacity ? 2 * ledger->capacity : FIRST_CAPACITY;
    ledger->entries = realloc(ledger->entries, (size_t)capacity * sizeof(*ledger->entries));
    if (!ledger->entries)
        abort();
    ledger->capacity = capacity;
}

int64_t ledger_add(struct ledger *ledger, const struct ledger_entry *entry)
{
    if (ledger->next == ledger->capacity && ledger->capacity < LEDGER_MAX)
        grow(ledger);
    ledger->entries[ledger->next % ledger->capacity] = *entry;
    return ledger->next++;
}

void ledger_deliver(struct ledger *ledger, int64_t number)
{
    struct ledger_entry *entry = find(ledger, number);
    if (entry)
        entry->is_delivered = true;
}

static void write_id(struct json_writer *json, const char *key, int64_t id)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRId64, id);
    json_pair_text(json, key, text);
}

static void write_entry(struct json_writer *json, const struct ledger_entry *entry, int64_t number)
{
    json_open(json, '{');
    json_pair_int(json, "n", number);
    write_id(json, "msg_id", entry->msg_id);
    json_pair_text(json, "type", event_type(entry->kind));
    json_pair_text(json, "user", entry->user);
    write_id(json, "user_id", entry->user_id);
    if (entry->kind == EVENT_GIFT) {
        write_id(json, "gift_id", entry->gift_id);
        write_id(json, "group_id", entry->group_id);
        json_pair_int(json, "count", entry->repeat_count);
        json_pair_bool(json, "end", entry->repeat_end);
    }
    json_close(json, '}');
}

void ledger_write(const struct ledger *ledger, int64_t from, struct json_writer *json)
{
    int64_t oldest = ledger->next - ledger->capacity;
    int64_t number = from > oldest ? from : oldest;
    if (number < 0)
        number = 0;
    json_open(json, '{');
    json_key(json, "events");
    json_open(json, '[');
    for (int written = 0; number < ledger->next && written < LEDGER_PAGE; number++) {
        const struct ledger_entry *entry = find(ledger, number);
        if (!entry->is_delivered)
            continue;
        write_entry(json, entry, number);
        written++;
    }
    json_close(json, ']');
    json_pair_int(json, "next", number);
    json_close(json, '}');
}

void ledger_done(struct ledger *ledger)
{
    free(ledger->entries);
    *ledger = (struct ledger){0};
}
