/* SPDX-License-Identifier: MIT */
/* Subscriptions that end together, and whose end can be waited for: what a callback uses may be
 * freed after subscriptions_drain. Belongs to one thread. */
#pragma once

#include "lib/base/status.h"
#include "lib/bus/bus.h"

struct subscriptions;

/* None yet. */
struct subscriptions *subscriptions_new(struct bus *bus);

/* queue is a queue group, or NULL: every subscriber gets every message. The callback owns its
 * message. */
MUST_CHECK enum status subscriptions_add(struct subscriptions *subscriptions, const char *subject,
                                         const char *queue, natsMsgHandler callback, void *closure);

/* Returns when the server knows of all that were added, or STATUS_UNAVAILABLE. */
MUST_CHECK enum status subscriptions_flush(struct subscriptions *subscriptions);

/* Tells the server to send nothing more, lets the callbacks see what it has sent already, and
 * returns after the last one. */
void subscriptions_drain(struct subscriptions *subscriptions);

/* Drains first, unless done. Takes NULL. */
void subscriptions_free(struct subscriptions *subscriptions);
