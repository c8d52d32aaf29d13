/* SPDX-License-Identifier: MIT */
#include "services/auth/handlers/accounts.h"

#include "lib/base/uuid.h"
#include "services/auth/config.h"
#include "services/auth/domain/password.h"
#include "services/auth/domain/token.h"
#include "services/auth/domain/username.h"
#include "services/auth/store/sessions.h"

static const char *hash_now(struct call *call, const char *password)
{
    const struct auth_config *config = call->app;
    unsigned char salt[PASSWORD_SALT_BYTES];
    random_bytes(salt, sizeof(salt));
    return password_hash(call->arena, password, config->pbkdf2_rounds, salt);
}

enum status credentials_check(struct call *call, const char *username, const char *password,
                              struct credentials *ret_credentials)
{
    const char *folded = username_fold(call->arena, username);
    if (!folded)
        return call_fail(call, STATUS_BAD_REQUEST, "invalid username");
    if (!password_is_allowed(password))
        return call_fail(call, STATUS_BAD_REQUEST, "invalid password");
    *ret_credentials = (struct credentials){folded, password};
    return STATUS_OK;
}

static void replace_weak_hash(struct call *call, const char *password, const struct user *user)
{
    const struct auth_config *config = call->app;
    if (!password_hash_is_weak(user->password_hash, config->pbkdf2_rounds))
        return;
    const char *fresh = hash_now(call, password);
    /* The sign-in stands without it; the next one tries again. */
    if (users_update_hash(call, user->id, user->password_hash, fresh) != STATUS_OK)
        log_warning(&call->log, "a weak password hash could not be replaced");
}

enum status password_verify(struct call *call, const char *password, const struct user *user)
{
    if (!user) {
        (void)hash_now(call, password); /* as long as a real check: no oracle for accounts */
        return call_fail(call, STATUS_UNAUTHENTICATED, "invalid credentials");
    }
    if (!password_matches(call->arena, password, user->password_hash))
        return call_fail(call, STATUS_UNAUTHENTICATED, "invalid credentials");
    if (user->is_banned)
        return call_fail(call, STATUS_FORBIDDEN, "user banned");
    replace_weak_hash(call, password, user);
    return STATUS_OK;
}

enum status credentials_verify(struct call *call, const struct credentials *credentials,
                               struct user *ret_user)
{
    enum status status = users_find_by_name(call, credentials->username, ret_user);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    return password_verify(call, credentials->password, status == STATUS_OK ? ret_user : NULL);
}

enum status account_make(struct call *call, const struct credentials *credentials,
                         const char **ret_user_id)
{
    struct uuid id;
    uuid_make(&id);
    const char *hash = hash_now(call, credentials->password);
    enum status status = users_insert(call, id.text, credentials->username, hash);
    if (status == STATUS_CONFLICT)
        return call_fail(call, STATUS_CONFLICT, "user exists");
    if (status == STATUS_OK)
        *ret_user_id = arena_text(call->arena, id.text);
    return status;
}

enum status session_open(struct call *call, const char *user_id, const char **ret_token)
{
    const struct auth_config *config = call->app;
    struct uuid session;
    uuid_make(&session);
    enum status status = sessions_insert(call, session.text, user_id);
    if (status != STATUS_OK)
        return status;
    int64_t now_s = call->now_ms / 1000;
    *ret_token = token_make(call->arena, config->jwt_secret, user_id, session.text, now_s,
                            now_s + (int64_t)config->access_ttl_min * 60);
    return STATUS_OK;
}
