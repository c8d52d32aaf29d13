/* SPDX-License-Identifier: MIT */
/* The sessions of the caller: seeing and ending them. */
#include "services/auth/store/sessions.h"
#include "gen/auth/api.h"
#include "lib/base/text.h"
#include "lib/base/uuid.h"
#include "services/auth/auth.h"

/* A token of the old backend names no session and can't be told from the user's others of its kind,
 * so its logout ends all of the user's sessions. */
enum status handle_logout(struct call *call, const struct logout_request *in,
                          struct status_reply *out)
{
    const struct auth *auth = call->app;
    int64_t ttl_s = auth_token_ttl_s(auth->config);
    out->status = "ok";
    if (in->all || !call->caller.session_id)
        return sessions_end_all(call, call->caller.user_id, NULL, ttl_s);
    return sessions_end_own(call, ttl_s);
}

enum status handle_list_sessions(struct call *call, const struct list_sessions_request *in,
                                 struct sessions_reply *out)
{
    (void)in;
    return sessions_list(call, &out->items);
}

enum status handle_delete_session(struct call *call, const struct delete_session_request *in,
                                  struct status_reply *out)
{
    const struct auth *auth = call->app;
    out->status = "ok";
    struct uuid id;
    if (!uuid_parse(in->id, &id))
        return call_fail(call, STATUS_NOT_FOUND, "session not found");
    if (text_equal(id.text, call->caller.session_id))
        return sessions_end_own(call, auth_token_ttl_s(auth->config));
    enum status status = sessions_end(call, id.text);
    if (status == STATUS_NOT_FOUND)
        return call_fail(call, STATUS_NOT_FOUND, "session not found");
    return status;
}
