/* SPDX-License-Identifier: MIT */
/* rpc.auth.ended_sessions: what gateways must refuse although its tokens are still good. */
#include "services/auth/store/ended_sessions.h"

#include "gen/auth/api.h"

enum status handle_ended_sessions(struct call *call, const struct ended_sessions_request *in,
                                  struct ended_sessions_reply *out)
{
    /* The time first: what ends from now on is in the next answer, if it is not in this one. */
    enum status status = ended_sessions_now(call, &out->now_ms);
    if (status != STATUS_OK)
        return status;
    return ended_sessions_page(call, in->since_ms, in->after, out);
}
