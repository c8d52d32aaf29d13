/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/chosen.h"

#include "gen/events/messages.h"
#include "services/gateway/ws/room.h"

#define SUBJECT "news.events.watching" /* as services/events/live/news.c has it */

static void run_chosen(struct inbox_item *item)
{
    struct ws *ws = item->closure;
    struct watch_changed word = {0};
    struct slice json = {natsMsg_GetData(item->message),
                         (size_t)natsMsg_GetDataLength(item->message)};
    if (message_decode(&watch_changed_message, json, ws->arena, &word) == STATUS_OK)
        room_follow(ws, word.user_id, word.username);
    arena_reset(ws->arena);
}

/* In NATS' thread. */
static void on_chosen(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                      void *closure)
{
    (void)connection;
    (void)subscription;
    struct ws *ws = closure;
    const struct inbox_item item = {
        .run = run_chosen, .closure = ws, .message = message, .is_event = true};
    inbox_put(&ws->inbox, &item);
}

enum status chosen_listen(struct ws *ws)
{
    return subscriptions_add(ws->news, SUBJECT, NULL, on_chosen, ws);
}
