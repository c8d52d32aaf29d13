/* SPDX-License-Identifier: MIT */
#include "gen/auth/api.h"
#include "services/auth/auth.h"
#include "services/auth/handlers/accounts.h"

enum status handle_register(struct call *call, const struct register_request *in,
                            struct token_reply *out)
{
    const struct auth *auth = call->app;
    if (!auth->config->registration_enabled)
        return call_fail(call, STATUS_FORBIDDEN, "registration disabled");

    struct credentials credentials;
    enum status status = credentials_check(call, in->username, in->password, &credentials);
    if (status != STATUS_OK)
        return status;

    const char *user_id = NULL;
    status = account_make(call, &credentials, true, &user_id);
    if (status != STATUS_OK)
        return status;

    out->token_type = "bearer";
    return session_open(call, user_id, NULL, &out->access_token);
}
