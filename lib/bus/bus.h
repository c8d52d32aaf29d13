/* SPDX-License-Identifier: MIT */
/* The connection to NATS: one a process, reconnecting by itself for ever, shared by all threads. */
#pragma once

#include "lib/base/arena.h"
#include "lib/base/buffer.h"
#include "lib/base/metrics.h"
#include "lib/base/status.h"

#include <nats/nats.h>
#include <stdbool.h>
#include <stdint.h>

AUTO_DEFINE(natsMsg *, natsMsg_Destroy)
AUTO_DEFINE(natsSubscription *, natsSubscription_Destroy)

struct bus;

struct bus_options {
    const char *url;
    const char *user;
    const char *password;
    const char *name; /* the daemon: connection name, and its inboxes are _INBOX.<name>.… */
    struct metrics *metrics; /* may be NULL */
};

/* Connects; STATUS_UNAVAILABLE when the server is not there (call again later), STATUS_FORBIDDEN
 * when it refuses our user. */
MUST_CHECK enum status bus_open(const struct bus_options *options, struct bus **ret_bus);

/* Never waits, however the server is. */
bool bus_is_connected(const struct bus *bus);

/* How often the connection was lost. Who sees it rise sees the bus disconnected, or connected anew;
 * it rises before anything comes on the next connection. Never waits either. */
unsigned bus_losses(const struct bus *bus);

/* How often the connection has come back: messages of the time between are lost to subscriptions.
 * Never waits either. */
unsigned bus_reconnects(const struct bus *bus);

/* The same, known before anything can be sent on the new connection; waits while the library is at
 * work on the connection. For who must send in order. */
unsigned bus_connection_number(struct bus *bus);

/* This process's unique id, 22 characters. */
const char *bus_id(const struct bus *bus);

/* The library's own handles, for subscriptions with callbacks. The callbacks of all of them run in
 * one thread, one after another: they only queue. */
natsConnection *bus_connection(struct bus *bus);
jsCtx *bus_jetstream(struct bus *bus);

/* ---- headers ---- */

struct bus_header {
    const char *name;
    const char *value; /* a NULL value is left out */
};

/* A message with headers; the caller destroys it. STATUS_INVALID when a name or value holds a line
 * break. */
MUST_CHECK enum status bus_message(const char *subject, const char *reply,
                                   const struct bus_header *headers, size_t count,
                                   struct slice body, natsMsg **ret_message);

/* The header's value inside the message; NULL when absent. */
const char *bus_header_get(natsMsg *message, const char *name);

/* ---- sending ---- */

/* STATUS_UNAVAILABLE while disconnected, when nothing is kept for later, or while the server reads
 * too slowly (8 MiB wait to be sent). Returns before the message is on its way. Takes the message.
 */
MUST_CHECK enum status bus_publish(struct bus *bus, natsMsg *message);

/* For large messages that follow one another: waits until the server has read what is ahead but for
 * 2 MiB, so that others may still publish; STATUS_UNAVAILABLE when that takes until the monotonic
 * clock reads until_ms. Not for callbacks of the library. Takes the message. */
MUST_CHECK enum status bus_publish_patiently(struct bus *bus, natsMsg *message, int64_t until_ms);

/* Sends and waits until the wall clock reads deadline_ms. STATUS_UNAVAILABLE when nobody serves the
 * subject or the bus is down, STATUS_TIMEOUT after the deadline. Of a reply in parts (reply.h) it
 * gives the first. Takes the message; the caller destroys the reply. */
MUST_CHECK enum status bus_request(struct bus *bus, natsMsg *message, int64_t deadline_ms,
                                   natsMsg **ret_reply);

struct bus_event {
    const char *subject;
    const char *id; /* the Nats-Msg-Id that duplicates are told by */
    struct slice body;
};

/* Publishes to JetStream and waits until each is acknowledged: STATUS_OK. Otherwise
 * STATUS_UNAVAILABLE: some may be stored, and to publish all of them again does no harm. */
MUST_CHECK enum status bus_publish_batch(struct bus *bus, const struct bus_event *events,
                                         size_t count, int64_t timeout_ms);

/* Flushes what was sent, then closes. Takes NULL. */
void bus_close(struct bus *bus);
