/* SPDX-License-Identifier: MIT */
/* Gateways say who watches what, while sockets are open. */
#include "gen/events/api.h"
#include "lib/base/text.h"
#include "services/events/live/follower.h"
#include "services/events/live/source.h"
#include "services/events/store/streams.h"
#include "services/events/webcast/names.h"

static enum watch_wish wish_of(const struct watch_request *in)
{
    if (in->choose)
        return WATCH_CHOSEN;
    return in->wants_state ? WATCH_OPENED : WATCH_RENEWED;
}

enum status handle_watch(struct call *call, const struct watch_request *in, struct watch_reply *out)
{
    struct follower *const *follower = call->app;
    const char *name = text_equal(in->username, SOURCE_TEST_FEED)
                           ? SOURCE_TEST_FEED
                           : webcast_name_normalise(call->arena, in->username);
    if (!name)
        return call_fail(call, STATUS_BAD_REQUEST, "invalid username");
    enum status status =
        watches_upsert(call->db, in->user_id, name, wish_of(in), call->arena, &out->username);
    if (status != STATUS_OK)
        return status;
    follower_nudge(*follower);
    out->status = "ok";
    return STATUS_OK;
}

/* The replica that serves the live sees within a second that the watch is paused. */
enum status handle_unwatch(struct call *call, const struct unwatch_request *in,
                           struct unwatch_reply *out)
{
    out->status = "ok";
    return watches_pause(call->db, in->user_id);
}
