/* SPDX-License-Identifier: MIT */
/* Redeeming a key: the contract's ladder (its section 4), in its order. Why the account is made
 * before the key is bound stands in ADR 7. */
#include "gen/auth/api.h"
#include "lib/base/text.h"
#include "services/auth/handlers/accounts.h"
#include "services/auth/handlers/binding.h"
#include "services/auth/store/v1_accounts.h"

#define LOOKS_MAX 5 /* a name changes hands while we look only when others redeem with it */

/* Whose redemption it is: an account that exists and has this password, or one that is made now. */
struct redeemer {
    const char *user_id;
    const char *password_hash; /* that the password fits; NULL: it was made of it just now */
    bool is_new;
};

static enum status refuse_bound(struct call *call)
{
    return call_fail(call, STATUS_CONFLICT, "license already bound to another user");
}

/* ---- finding whose it is; STATUS_NOT_FOUND: the name changed hands meanwhile, look again ---- */

static enum status make_account(struct call *call, const struct credentials *credentials,
                                struct redeemer *ret_redeemer)
{
    const char *user_id = NULL;
    enum status status = account_make(call, credentials, false, &user_id);
    if (status == STATUS_CONFLICT)
        return STATUS_NOT_FOUND;
    if (status == STATUS_OK)
        *ret_redeemer = (struct redeemer){.user_id = user_id, .is_new = true};
    return status;
}

/* A key that the old API knows belongs to an account without a name: who brings the key gives it
 * one. */
static enum status name_owner(struct call *call, const struct credentials *credentials,
                              const char *owner_id, struct redeemer *ret_redeemer)
{
    struct user owner;
    enum status status = users_find(call, owner_id, &owner);
    if (status == STATUS_NOT_FOUND || (status == STATUS_OK && owner.username))
        return refuse_bound(call);
    if (status != STATUS_OK)
        return status;
    if (owner.is_banned)
        return call_fail(call, STATUS_FORBIDDEN, "user banned");

    const char *hash = password_hash_now(call, credentials->password);
    status = v1_accounts_name(call, owner_id, credentials->username, hash);
    if (status == STATUS_CONFLICT)
        return STATUS_NOT_FOUND;
    if (status == STATUS_OK)
        *ret_redeemer = (struct redeemer){.user_id = owner_id};
    return status;
}

/* A name that was taken back between two looks is refused as unknown, but it is free. */
static enum status check_refusal(struct call *call, const char *username)
{
    const char *reason = call->error;
    struct user user;
    if (users_find_by_name(call, username, &user) == STATUS_NOT_FOUND)
        return STATUS_NOT_FOUND;
    return call_fail(call, STATUS_UNAUTHENTICATED, reason);
}

static enum status look(struct call *call, const struct credentials *credentials,
                        const char *owner_id, struct redeemer *ret_redeemer)
{
    struct user user;
    enum status status = users_find_by_name(call, credentials->username, &user);
    if (status == STATUS_NOT_FOUND && owner_id)
        return name_owner(call, credentials, owner_id, ret_redeemer);
    if (status == STATUS_NOT_FOUND)
        return make_account(call, credentials, ret_redeemer);
    if (status != STATUS_OK)
        return status;

    status = credentials_verify(call, credentials, &user);
    if (status == STATUS_UNAUTHENTICATED)
        return check_refusal(call, credentials->username);
    if (status != STATUS_OK)
        return status;
    if (owner_id && !text_equal(owner_id, user.id))
        return refuse_bound(call);
    *ret_redeemer = (struct redeemer){.user_id = user.id, .password_hash = user.password_hash};
    return STATUS_OK;
}

static enum status find_redeemer(struct call *call, const struct credentials *credentials,
                                 const char *owner_id, struct redeemer *ret_redeemer)
{
    for (int looks = 0; looks < LOOKS_MAX; looks++) {
        enum status status = look(call, credentials, owner_id, ret_redeemer);
        if (status != STATUS_NOT_FOUND)
            return status;
    }
    return call_fail_retry(call, STATUS_UNAVAILABLE, NULL, 1);
}

/* ---- the ladder ---- */

enum status handle_redeem_license(struct call *call, const struct redeem_license_request *in,
                                  struct redeem_reply *out)
{
    struct credentials credentials;
    enum status status = credentials_check(call, in->username, in->password, &credentials);
    if (status != STATUS_OK)
        return status;

    const struct bind_request look_only = {.license_key = in->license_key};
    struct bind_reply key = {0};
    status = license_bind(call, &look_only, &key);
    if (status != STATUS_OK)
        return status;

    struct redeemer redeemer = {0};
    status = find_redeemer(call, &credentials, key.owner_id, &redeemer);
    if (status != STATUS_OK)
        return status;

    struct bind_reply bound;
    status = key_bind(call, in->license_key, redeemer.user_id, redeemer.is_new, &bound);
    if (status == STATUS_UNAUTHENTICATED) /* whose password it was is gone */
        return call_fail(call, STATUS_UNAUTHENTICATED, "invalid credentials");
    if (status != STATUS_OK)
        return status;

    out->token_type = "bearer";
    out->plan = bound.plan;
    out->license_expires_at = bound.expires_at;
    return session_open(call, redeemer.user_id, redeemer.password_hash, &out->access_token);
}
