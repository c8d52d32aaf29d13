/* SPDX-License-Identifier: MIT */
/* TikTok's list of the gifts that may be sent in a room. It may be refused to who does not sign,
 * which we do not. */
#pragma once

#include "services/events/domain/live_event.h"
#include "services/events/webcast/http_client.h"

#define GIFT_LIST_MAX 5000 /* the rest of a longer list is left out */

/* A gift of the list, with the fields that describe it. It lives as long as the callback. */
typedef void gift_list_fn(void *closure, const struct live_gift *gift);

/* Asks with the id of a room that is live. Blocks. Gives how many gifts were told: 0 when the list
 * is not to be had. */
size_t gift_list_ask(struct http_client *client, const char *webcast_base, int64_t room_id,
                     struct arena *arena, gift_list_fn *on_gift, void *closure);

/* The same of the answer. */
size_t gift_list_read(const struct http_reply *reply, gift_list_fn *on_gift, void *closure);
