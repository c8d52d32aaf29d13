/* SPDX-License-Identifier: MIT */
#include "gen/events/api.h"
#include "services/events/live/follower.h"
#include "services/events/store/streams.h"
#include "services/events/webcast/names.h"

enum status handle_watch(struct call *call, const struct watch_request *in, struct watch_reply *out)
{
    struct follower *const *follower = call->app;
    const char *name = webcast_name_normalise(call->arena, in->username);
    if (!name)
        return call_fail(call, STATUS_BAD_REQUEST, "invalid username");
    enum status status = watches_upsert(call->db, in->user_id, name, in->wants_state);
    if (status != STATUS_OK)
        return status;
    follower_nudge(*follower);
    out->status = "ok";
    return STATUS_OK;
}

/* The replica that serves the live sees within a second that the watch is gone. */
enum status handle_unwatch(struct call *call, const struct unwatch_request *in,
                           struct watch_reply *out)
{
    int64_t watches = 0;
    out->status = "ok";
    return watches_delete(call->db, in->user_id, &watches);
}
