/* SPDX-License-Identifier: MIT */
#include "services/events/handlers/user_deleted.h"

#include "gen/auth/messages.h"
#include "services/events/live/follower.h"
#include "services/events/store/streams.h"
#include "services/events/store/triggers.h"

/* Another replica that serves the user's live sees within a second that the watch is gone; what it
 * sends until then stays in JetStream for as long as all events do, ten minutes. */
enum status handle_user_deleted(struct call *call, const void *event)
{
    struct follower *const *follower = call->app;
    const struct user_deleted *in = event;
    int64_t watches = 0;
    int64_t triggers = 0;
    enum status status = watches_delete(call->db, in->user_id, &watches);
    if (status == STATUS_OK)
        status = triggers_erase(call->db, in->user_id, &triggers);
    if (status != STATUS_OK)
        return status;
    status = follower_forget(*follower, in->user_id);
    if (status != STATUS_OK)
        return status;
    log_info(&call->log, "erased what was held of a user", LOG_TEXT("user_id", in->user_id),
             LOG_INT("watches", watches), LOG_INT("triggers", triggers));
    return STATUS_OK;
}
