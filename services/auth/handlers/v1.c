/* SPDX-License-Identifier: MIT */
/* The old API's sign-in, by licence key alone, and what its clients set by ws_token. */
#include "services/auth/domain/v1.h"
#include "gen/auth/api.h"
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/base/uuid.h"
#include "services/auth/auth.h"
#include "services/auth/domain/username.h"
#include "services/auth/handlers/binding.h"
#include "services/auth/handlers/settings.h"
#include "services/auth/store/users.h"
#include "services/auth/store/v1_accounts.h"
#include "services/auth/store/ws_tokens.h"

#define LOOKS_MAX 2 /* who loses a race for a key finds its owner then */

/* ---- login ---- */

static enum status make_owner(struct call *call, const char *license_key, const char **ret_user_id)
{
    struct uuid id;
    uuid_make(&id);
    enum status status = users_insert(call, id.text, NULL, NULL, false);
    if (status != STATUS_OK)
        return status;
    struct bind_reply bound;
    status = key_bind(call, license_key, id.text, true, &bound);
    if (status == STATUS_OK)
        *ret_user_id = arena_text(call->arena, id.text);
    return status;
}

/* The account that owns the key; one that nobody owns gets an account of its own. */
static enum status find_owner(struct call *call, const char *license_key, const char **ret_user_id)
{
    for (int looks = 0; looks < LOOKS_MAX; looks++) {
        const struct bind_request look_only = {.license_key = license_key};
        struct bind_reply key = {0};
        enum status status = license_bind(call, &look_only, &key);
        if (status != STATUS_OK)
            return status;
        if (key.owner_id) {
            *ret_user_id = key.owner_id;
            return STATUS_OK;
        }
        status = make_owner(call, license_key, ret_user_id);
        if (status != STATUS_CONFLICT)
            return status;
    }
    return call_fail_retry(call, STATUS_UNAVAILABLE, NULL, 1);
}

static enum status find_user(struct call *call, const char *license_key, const char **ret_user_id)
{
    const struct auth *auth = call->app;
    const char *demo_key = v1_demo_key_find(call->arena, license_key);
    if (!demo_key || !text_equal(auth->config->daemon.env, "dev"))
        return find_owner(call, license_key, ret_user_id);
    struct uuid id;
    uuid_make(&id);
    return v1_accounts_of_demo_key(call, demo_key, id.text, ret_user_id);
}

static enum status open_token(struct call *call, const char *user_id, struct v1_login_reply *out)
{
    const struct auth_config *config = ((const struct auth *)call->app)->config;
    struct uuid token;
    uuid_make(&token);
    enum status status = ws_tokens_insert(call, user_id, v1_token_hash(call->arena, token.text),
                                          config->token_ttl_hours, &out->expires_at);
    if (status != STATUS_OK)
        return status;

    char now[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(call->now_ms, now);
    out->status = "ok";
    out->user_id = user_id;
    out->ws_token = arena_text(call->arena, token.text);
    out->ws_url = v1_socket_url(call->arena, config->server_host,
                                text_equal(config->daemon.env, "prod"), token.text);
    out->server_time = arena_text(call->arena, now);
    return STATUS_OK;
}

enum status handle_v1_login(struct call *call, const struct v1_login_request *in,
                            struct v1_login_reply *out)
{
    const char *user_id = NULL;
    enum status status = find_user(call, in->license_key, &user_id);
    if (status == STATUS_OK)
        status = open_token(call, user_id, out);
    /* The license service's reasons, and an owner who is banned or gone, are one to these clients.
     */
    if (status == STATUS_NOT_FOUND || status == STATUS_FORBIDDEN)
        return call_fail(call, STATUS_UNAUTHENTICATED, "Invalid license key");
    return status;
}

/* ---- whose token it is ---- */

/* STATUS_NOT_FOUND for a bad token. */
static enum status find_token_owner(struct call *call, const char *token, const char **ret_user_id)
{
    const char *hash = v1_token_hash(call->arena, token);
    return hash ? ws_tokens_find(call, hash, ret_user_id) : STATUS_NOT_FOUND;
}

enum status handle_v1_user(struct call *call, const struct v1_user_request *in,
                           struct v1_user_reply *out)
{
    enum status status = find_token_owner(call, in->ws_token, &out->user_id);
    if (status == STATUS_NOT_FOUND)
        return call_fail(call, STATUS_UNAUTHENTICATED, "Invalid token");
    return status;
}

enum status handle_open_v1_socket(struct call *call, const struct open_v1_socket_request *in,
                                  struct open_v1_socket_reply *out)
{
    struct ws_token token = {0};
    const char *hash = v1_token_hash(call->arena, in->ws_token);
    enum status status = hash ? ws_tokens_find_user(call, hash, &token) : STATUS_NOT_FOUND;
    if (status == STATUS_NOT_FOUND)
        return call_fail(call, STATUS_UNAUTHENTICATED, "Invalid token");
    *out = (struct open_v1_socket_reply){
        .user_id = token.user_id,
        .tiktok_username = token.tiktok_username,
        .is_demo = token.is_demo,
        .expires_in_ms = token.expires_in_ms,
    };
    return status;
}

enum status handle_v1_profile(struct call *call, const struct v1_profile_request *in,
                              struct v1_profile_reply *out)
{
    const char *hash = v1_token_hash(call->arena, in->ws_token);
    enum status status = hash ? v1_accounts_show(call, hash, out) : STATUS_NOT_FOUND;
    if (status == STATUS_NOT_FOUND)
        return call_fail(call, STATUS_UNAUTHENTICATED, "Invalid token");
    return status;
}

/* ---- what clients set ---- */

/* Changes settings of the token's user. STATUS_NOT_FOUND for a bad token. */
static enum status change(struct call *call, const char *token,
                          const struct update_settings_request *changes)
{
    const char *user_id = NULL;
    enum status status = find_token_owner(call, token, &user_id);
    if (status != STATUS_OK)
        return status;
    struct profile profile;
    status = profiles_find(call, user_id, &profile);
    if (status != STATUS_OK)
        return status;
    struct settings_reply settings;
    return settings_change(call, &profile, changes, &settings);
}

enum status handle_v1_set_tiktok(struct call *call, const struct v1_set_tiktok_request *in,
                                 struct v1_reply *out)
{
    const struct update_settings_request changes = {
        .tiktok_username = username_fold(call->arena, in->tiktok_username)};
    enum status status =
        changes.tiktok_username ? change(call, in->ws_token, &changes) : STATUS_NOT_FOUND;
    if (status == STATUS_NOT_FOUND)
        return call_fail(call, STATUS_BAD_REQUEST, "Invalid token or username");
    *out = (struct v1_reply){"ok", "TikTok username saved"};
    return status;
}

enum status handle_v1_set_voice(struct call *call, const struct v1_set_voice_request *in,
                                struct v1_reply *out)
{
    const struct update_settings_request changes = {.voice_id = in->voice_id};
    enum status status = change(call, in->ws_token, &changes);
    if (status == STATUS_NOT_FOUND)
        return call_fail(call, STATUS_BAD_REQUEST, "Invalid token");
    *out = (struct v1_reply){"ok", "Voice saved"};
    return status;
}
