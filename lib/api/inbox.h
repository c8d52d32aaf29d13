/* SPDX-License-Identifier: MIT */
/* What other services tell (their outboxes, on JetStream's stream EVT), handled once: the id of an
 * event is recorded in <schema>.inbox in the transaction in which it is handled, so that one that
 * is delivered again changes nothing. Events come in no certain order. One that fails is delivered
 * again, later and later, and holds up no other.
 *
 * The table, in a migration of every service that uses it:
 *     create table <schema>.inbox (id text primary key, handled_at timestamptz not null default
 * now());
 */
#pragma once

#include "lib/api/call.h"
#include "lib/api/message.h"

/* Handles one event in the open transaction of call->db: STATUS_OK commits, anything else rolls
 * back and lets the event come again. event is the struct of its message. Of the caller's parts
 * there are arena, db, bus, app, log, now_ms and deadline_ms. */
typedef enum status (*inbox_fn)(struct call *call, const void *event);

struct inbox_subscription {
    const char *subject; /* "evt.auth.user_deleted" */
    const char *durable; /* the consumer's name in EVT, shared by the service's replicas */
    const struct message *message;
    inbox_fn handle;
};

struct inbox_options {
    struct bus *bus;
    const struct pg_options *database;
    const char *schema; /* an identifier of ours */
    const void *app;    /* for call->app */
    const struct inbox_subscription *subscriptions;
    size_t count;
    struct metrics *metrics;        /* may be NULL */
    void (*on_news)(void *closure); /* as in api_server_options */
    void *news_closure;
};

struct inbox;

/* Starts a thread for each subscription, which makes its consumer as soon as NATS lets it. Options
 * are borrowed but for the struct itself. */
struct inbox *inbox_start(const struct inbox_options *options);

/* Removes ids older than the stream keeps any event. */
MUST_CHECK enum status inbox_forget_old(struct pg *db, const char *schema);

/* Ends the threads after the event in hand. Takes NULL. */
void inbox_stop(struct inbox *inbox);
