/* SPDX-License-Identifier: MIT */
/* The outbox: a change that other services must know of writes a row in the transaction of the
 * change, and a relay thread publishes the rows, oldest first and many at once, to JetStream as
 * evt.<schema>.<what> with the row's id as Nats-Msg-Id. Rows are deleted after JetStream has
 * acknowledged them: at-least-once, and once within JetStream's window of duplicates. Several
 * replicas take turns by a lock on the rows.
 *
 * The table, in a migration of every service that uses it:
 *     create table <schema>.outbox (id uuid primary key, position bigint generated always as
 * identity unique, what text not null, body jsonb not null, created_at timestamptz not null default
 * now());
 */
#pragma once

#include "lib/base/metrics.h"
#include "lib/base/status.h"
#include "lib/pg/pg.h"

struct outbox_relay;

#define OUTBOX_BATCH_ROWS 500

/* A row on its way. */
struct outbox_event {
    char subject[256];
    const char *id;
    const char *body; /* JSON */
};

/* Gives up to OUTBOX_BATCH_ROWS to the bus, in their order, and returns STATUS_OK when each is
 * acknowledged. Otherwise all of them are given again later. */
typedef enum status (*outbox_publish_fn)(void *closure, const struct outbox_event *events,
                                         size_t count);

/* Starts the thread. schema is an identifier of ours, never a client's text. Texts are borrowed. */
struct outbox_relay *outbox_relay_start(const struct pg_options *database, const char *schema,
                                        outbox_publish_fn publish, void *closure,
                                        struct metrics *metrics);

/* Wakes an idle relay now instead of at its next look (1 s). From any thread. */
void outbox_relay_nudge(struct outbox_relay *relay);

/* Ends the thread after a last look. Takes NULL. */
void outbox_relay_stop(struct outbox_relay *relay);
