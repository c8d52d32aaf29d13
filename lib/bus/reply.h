/* SPDX-License-Identifier: MIT */
/* Answers to messages: an HTTP status, headers and a body.
 *
 * A body that is too large for one message goes in parts, each a message to the reply's subject.
 * All parts but the last have the header Ttb-More and no other. The last one has the status, the
 * headers, and Ttb-Size, which counts the bytes of all parts: a connection that breaks between two
 * of them may lose one, so who joins parts compares. When the last one does not come, or the sizes
 * differ, there is no reply. */
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/status.h"
#include "lib/bus/bus.h"

#include <stddef.h>

#define BUS_STATUS_HEADER "Ttb-Status" /* the HTTP status; absent means 200 */
#define BUS_MORE_HEADER "Ttb-More"     /* "1": another part follows */
#define BUS_SIZE_HEADER "Ttb-Size"     /* of a reply in parts; absent from one in one piece */

#define BUS_REPLY_MAX_BYTES ((size_t)32 * 1024 * 1024) /* a body, in parts or not */
#define BUS_PART_MAX_BYTES ((size_t)512 * 1024)

/* Answers message. The body is sent in one piece where the server takes it with 64 KiB of headers
 * (its max_payload). In parts it is sent as quickly as the server reads, for 10 s at most: then the
 * caller's thread waits, which must not be one that a callback of the library runs in.
 *
 * When the bus is down, or nobody asked for a reply, there is nobody to tell. A reply that can't be
 * sent as it is (above BUS_REPLY_MAX_BYTES, a header with a line break) becomes a 500. */
void bus_reply(struct bus *bus, natsMsg *message, int http_status, const struct bus_header *headers,
               size_t count, struct slice body);

/* {"detail":"…"} with the status; 503 gets Retry-After: 1. Never waits. */
void bus_reply_error(struct bus *bus, natsMsg *message, enum status status, const char *detail);
