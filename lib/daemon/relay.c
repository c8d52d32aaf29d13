/* SPDX-License-Identifier: MIT */
#include "lib/daemon/relay.h"

#include "lib/bus/stream.h"

#define ACK_WAIT_MS 2000

struct relay {
    struct bus *bus;
    struct outbox_relay *outbox;
    bool has_stream; /* as far as we know: a server may lose its files */
};

/* In the outbox's thread. */
static enum status publish(void *closure, const struct outbox_event *rows, size_t count)
{
    struct relay *relay = closure;
    if (!bus_is_connected(relay->bus))
        return STATUS_UNAVAILABLE;
    if (!relay->has_stream && stream_ensure(relay->bus, &stream_events) != STATUS_OK)
        return STATUS_UNAVAILABLE;

    struct bus_event events[OUTBOX_BATCH_ROWS];
    for (size_t i = 0; i < count; i++)
        events[i] =
            (struct bus_event){rows[i].subject, rows[i].id, {rows[i].body, strlen(rows[i].body)}};
    enum status status = bus_publish_batch(relay->bus, events, count, ACK_WAIT_MS);
    relay->has_stream = status == STATUS_OK;
    return status;
}

struct relay *relay_start(struct bus *bus, const struct pg_options *database, const char *schema,
                          struct metrics *metrics)
{
    struct relay *relay = calloc(1, sizeof(*relay));
    if (!relay)
        abort();
    relay->bus = bus;
    relay->outbox = outbox_relay_start(database, schema, publish, relay, metrics);
    return relay;
}

void relay_nudge(void *closure)
{
    struct relay *relay = closure;
    if (relay)
        outbox_relay_nudge(relay->outbox);
}

void relay_stop(struct relay *relay)
{
    if (!relay)
        return;
    outbox_relay_stop(relay->outbox);
    free(relay);
}
