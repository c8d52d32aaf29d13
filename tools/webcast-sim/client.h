/* SPDX-License-Identifier: MIT */
/* One WebSocket client of a room: what waits to be written to it, and what it owes. */
#pragma once

#include "lib/base/buffer.h"
#include "tools/webcast-sim/frame.h"

#include <libwebsockets.h>
#include <stdbool.h>
#include <stdint.h>

struct room;
struct client;

/* Joins the room. It is sent nothing until it has entered. */
struct client *client_new(struct room *room, struct lws *wsi);

struct client *client_next(const struct client *client);
bool client_has_entered(const struct client *client);

/* Puts a WebSocket message on the queue; false, and nothing is queued, when the queue is full, the
 * client is closing, has not entered, or is stalled. */
bool client_send(struct client *client, enum lws_write_protocol kind, struct slice message);

/* The client owes an ack of that frame, which brings these messages of the room's ledger. */
void client_expect_ack(struct client *client, const struct frame_head *head, const int64_t *numbers,
                       size_t count);

/* Silence, answers to heartbeats included, until then. */
void client_stall(struct client *client, int64_t until_ms);

/* With that code after all that is queued, or abruptly when it is 0. */
void client_close(struct client *client, int code);

/* The three callbacks of libwebsockets; messages may arrive in parts. A false ends the connection.
 */
bool client_received(struct client *client, const void *data, size_t size, bool complete);
bool client_writable(struct client *client);
void client_ponged(struct client *client);

/* Leaves the room. */
void client_free(struct client *client);
