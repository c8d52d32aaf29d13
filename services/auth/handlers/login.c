/* SPDX-License-Identifier: MIT */
#include "gen/auth/api.h"
#include "services/auth/domain/username.h"
#include "services/auth/handlers/accounts.h"

enum status handle_login(struct call *call, const struct login_request *in, struct token_reply *out)
{
    /* A name or password that can't be anybody's is refused like a wrong one: sign-in tells nothing
     * about the rules. */
    const struct credentials credentials = {username_fold(call->arena, in->username), in->password};
    struct user user;
    enum status status = credentials_verify(call, &credentials, &user);
    if (status == STATUS_NOT_FOUND)
        return call_fail(call, STATUS_UNAUTHENTICATED, "invalid credentials");
    if (status != STATUS_OK)
        return status;

    out->token_type = "bearer";
    return session_open(call, user.id, user.password_hash, &out->access_token);
}
