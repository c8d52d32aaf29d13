/* SPDX-License-Identifier: MIT */
/* Whose settings or triggers changed: told by auth, and by the events replica that has changed
 * triggers, to all events replicas, so that a change is heard at once. A word that is lost costs no
 * more than half a minute, after which profiles are loaded again anyway. */
#pragma once

#include "lib/base/uuid.h"
#include "lib/base/waker.h"
#include "lib/bus/bus.h"

struct news;

/* Nudges the waker when there is something to take. Arguments are borrowed. STATUS_UNAVAILABLE when
 * the bus is away. */
MUST_CHECK enum status news_start(struct bus *bus, struct waker *waker, struct news **ret_news);

/* Tells all replicas, this one too. */
void news_tell(struct news *news, const char *user_id);

/* Tells the gateways what the user has chosen over HTTP to watch; NULL: nothing any more. One that
 * the word does not reach goes on as before, until its sockets, or their client, say something. */
void news_tell_watched(struct news *news, const char *user_id, const char *username);

/* The next user whose profile is to be loaded again; false when there is none. */
MUST_CHECK bool news_take(struct news *news, struct uuid *ret_user_id);

/* Takes NULL. */
void news_stop(struct news *news);
