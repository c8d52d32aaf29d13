/* SPDX-License-Identifier: MIT */
/* What clients say about the live that they watch, over HTTP: as they may on their sockets. */
#include "gen/events/api.h"
#include "lib/base/text.h"
#include "services/events/live/follower.h"
#include "services/events/store/streams.h"
#include "services/events/webcast/names.h"

enum status handle_connect_tiktok(struct call *call, const struct connect_tiktok_request *in,
                                  struct tiktok_reply *out)
{
    struct follower *const *follower = call->app;
    if (text_is_blank(in->username))
        return call_fail(call, STATUS_BAD_REQUEST, "Username is required");
    const char *name = webcast_name_normalise(call->arena, in->username);
    if (!name)
        return call_fail(call, STATUS_BAD_REQUEST, "invalid username");
    enum status status =
        watches_upsert(call->db, call->caller.user_id, name, WATCH_CHOSEN, call->arena, &name);
    if (status != STATUS_OK)
        return status;
    follower_tell_watched(*follower, call->caller.user_id, name);
    follower_nudge(*follower);
    out->success = true;
    out->message = arena_printf(call->arena, "connecting to @%s", name);
    return STATUS_OK;
}

enum status handle_disconnect_tiktok(struct call *call, const struct disconnect_tiktok_request *in,
                                     struct tiktok_reply *out)
{
    (void)in;
    struct follower *const *follower = call->app;
    enum status status = watches_pause(call->db, call->caller.user_id);
    if (status != STATUS_OK)
        return status;
    follower_tell_watched(*follower, call->caller.user_id, NULL);
    *out = (struct tiktok_reply){true, "disconnected"};
    return STATUS_OK;
}

enum status handle_tiktok_status(struct call *call, const struct tiktok_status_request *in,
                                 struct tiktok_status_reply *out)
{
    (void)in;
    struct watched watched;
    enum status status = watches_find(call->db, call->caller.user_id, call->arena, &watched);
    if (status == STATUS_NOT_FOUND) {
        *out = (struct tiktok_status_reply){false, "no live is watched"};
        return STATUS_OK;
    }
    if (status != STATUS_OK)
        return status;
    out->connected = text_equal(watched.state, "connected");
    out->message = text_is_blank(watched.message) ? "connecting to the live" : watched.message;
    return STATUS_OK;
}
