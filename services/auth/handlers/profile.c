/* SPDX-License-Identifier: MIT */
/* Changing and deleting the caller's account: a token is not enough, the password must be known. */
#include "gen/auth/api.h"
#include "lib/base/text.h"
#include "services/auth/auth.h"
#include "services/auth/domain/password.h"
#include "services/auth/domain/username.h"
#include "services/auth/handlers/accounts.h"
#include "services/auth/handlers/caller.h"

/* The user who makes the call, once the password shows it. */
static enum status verify_caller(struct call *call, const char *password, struct user *ret_user)
{
    struct profile profile;
    enum status status = caller_find(call, &profile);
    if (status != STATUS_OK)
        return status;
    const struct credentials credentials = {profile.username, password};
    status = credentials_verify(call, &credentials, ret_user);
    /* In between the name may have become free, or somebody else's. */
    bool is_other = status == STATUS_OK && !text_equal(ret_user->id, profile.user_id);
    if (status == STATUS_NOT_FOUND || is_other)
        return call_fail(call, STATUS_UNAUTHENTICATED, "user not found");
    return status;
}

/* The new name folded, NULL where the request has none; the form of both checked. */
static enum status check_new(struct call *call, const struct change_credentials_request *in,
                             const char **ret_username)
{
    const char *folded = in->new_username ? username_fold(call->arena, in->new_username) : NULL;
    if (in->new_username && !folded)
        return call_fail(call, STATUS_BAD_REQUEST, "invalid username");
    if (in->new_password && !password_is_allowed(in->new_password))
        return call_fail(call, STATUS_BAD_REQUEST, "invalid password");
    *ret_username = folded;
    return STATUS_OK;
}

enum status handle_change_credentials(struct call *call,
                                      const struct change_credentials_request *in,
                                      struct change_credentials_reply *out)
{
    const struct auth *auth = call->app;
    const char *new_username = NULL;
    enum status status = check_new(call, in, &new_username);
    if (status != STATUS_OK)
        return status;
    struct user user;
    status = verify_caller(call, in->current_password, &user);
    if (status != STATUS_OK)
        return status;

    out->status = "ok";
    out->username = new_username ? new_username : user.username;
    if (text_equal(out->username, user.username) && !in->new_password)
        return STATUS_OK;
    const char *new_hash = in->new_password ? password_hash_now(call, in->new_password) : NULL;
    status = users_change(call, &user, new_username, new_hash, auth_token_ttl_s(auth->config));
    if (status == STATUS_CONFLICT)
        return call_fail(call, STATUS_CONFLICT, "user exists");
    if (status == STATUS_NOT_FOUND) /* changed meanwhile: this password is the old one */
        return call_fail(call, STATUS_UNAUTHENTICATED, "invalid credentials");
    return status;
}

enum status handle_delete_profile(struct call *call, const struct delete_profile_request *in,
                                  struct status_reply *out)
{
    const struct auth *auth = call->app;
    if (!text_equal(in->confirm, "DELETE"))
        return call_fail(call, STATUS_BAD_REQUEST, "confirm must be DELETE");
    struct user user;
    enum status status = verify_caller(call, in->password, &user);
    if (status != STATUS_OK)
        return status;

    status = users_delete(call, &user, auth_token_ttl_s(auth->config));
    if (status == STATUS_NOT_FOUND)
        return call_fail(call, STATUS_UNAUTHENTICATED, "user not found");
    if (status != STATUS_OK)
        return status;
    log_info(&call->log, "erased what was held of a user", LOG_TEXT("user_id", user.id));
    out->status = "ok";
    return STATUS_OK;
}
