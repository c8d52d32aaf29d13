/* SPDX-License-Identifier: MIT */
/* Redeeming a key: the contract's ladder (its section 4), in its order. The account is made before
 * the key is bound, so a crash in between leaves an account without a key, and the same request
 * again completes it. */
#include "gen/auth/api.h"
#include "gen/license/messages.h"
#include "lib/base/text.h"
#include "services/auth/handlers/accounts.h"
#include "services/auth/store/entitlements.h"

/* Whose redemption it is: an account that exists and has this password, or one that is made now. */
struct redeemer {
    const char *user_id;
    bool is_new;
};

static enum status refuse_bound(struct call *call)
{
    return call_fail(call, STATUS_CONFLICT, "license already bound to another user");
}

static enum status find_redeemer(struct call *call, const struct credentials *credentials,
                                 const char *owner_id, struct redeemer *ret_redeemer)
{
    struct user user;
    enum status status = users_find_by_name(call, credentials->username, &user);
    if (status == STATUS_NOT_FOUND) {
        if (owner_id)
            return refuse_bound(call);
        ret_redeemer->is_new = true;
        return account_make(call, credentials, &ret_redeemer->user_id);
    }
    if (status != STATUS_OK)
        return status;

    status = password_verify(call, credentials->password, &user);
    if (status != STATUS_OK)
        return status;
    if (owner_id && !text_equal(owner_id, user.id))
        return refuse_bound(call);
    ret_redeemer->user_id = user.id;
    return STATUS_OK;
}

static enum status bind_key(struct call *call, const char *license_key,
                            const struct redeemer *redeemer, struct bind_reply *ret_bound)
{
    const struct bind_request bind = {.license_key = license_key, .user_id = redeemer->user_id};
    enum status status = license_bind(call, &bind, ret_bound);
    /* Lost the race for the key: the account was made for nothing. Any other failure may have bound
     * it. */
    if (status == STATUS_CONFLICT && redeemer->is_new) {
        const char *reason = call->error;
        if (users_delete(call, redeemer->user_id) != STATUS_OK)
            log_warning(&call->log, "an account without a key stays behind");
        return call_fail(call, STATUS_CONFLICT, reason);
    }
    return status;
}

enum status handle_redeem_license(struct call *call, const struct redeem_license_request *in,
                                  struct redeem_reply *out)
{
    struct credentials credentials;
    enum status status = credentials_check(call, in->username, in->password, &credentials);
    if (status != STATUS_OK)
        return status;

    struct bind_reply key = {0};
    const struct bind_request look = {.license_key = in->license_key};
    status = license_bind(call, &look, &key);
    if (status != STATUS_OK)
        return status;

    struct redeemer redeemer = {0};
    status = find_redeemer(call, &credentials, key.owner_id, &redeemer);
    if (status != STATUS_OK)
        return status;

    struct bind_reply bound = {0};
    status = bind_key(call, in->license_key, &redeemer, &bound);
    if (status != STATUS_OK)
        return status;
    if (bound.has_entitlement) {
        status = entitlements_upsert(call, redeemer.user_id, &bound.entitlement);
        if (status != STATUS_OK)
            return status;
    }

    out->token_type = "bearer";
    out->plan = bound.plan;
    out->license_expires_at = bound.expires_at;
    return session_open(call, redeemer.user_id, &out->access_token);
}
