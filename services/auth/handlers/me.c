/* SPDX-License-Identifier: MIT */
/* What is known of a user: for the user, for the gateway that opens a socket, for the events
 * service that speaks. */
#include "gen/auth/api.h"
#include "services/auth/domain/plan.h"
#include "services/auth/store/users.h"

/* The profile of the caller, with the Free plan where there is no other. 401 `user not found`, 403
 * `user banned`. */
static enum status find_caller(struct call *call, struct profile *ret_profile)
{
    enum status status = users_find_profile(call, call->caller.user_id, ret_profile);
    if (status == STATUS_NOT_FOUND)
        return call_fail(call, STATUS_UNAUTHENTICATED, "user not found");
    if (status != STATUS_OK)
        return status;
    if (ret_profile->user.is_banned)
        return call_fail(call, STATUS_FORBIDDEN, "user banned");

    if (!ret_profile->has_plan) {
        ret_profile->plan_id = PLAN_FREE_ID;
        ret_profile->plan_name = PLAN_FREE_NAME;
        ret_profile->platforms = PLAN_FREE_PLATFORMS;
        ret_profile->has_account_limit = true;
        ret_profile->max_tiktok_accounts = PLAN_FREE_TIKTOK_ACCOUNTS;
    }
    return STATUS_OK;
}

enum status handle_me(struct call *call, const struct me_request *in, struct me_reply *out)
{
    (void)in;
    struct profile profile;
    enum status status = find_caller(call, &profile);
    if (status != STATUS_OK)
        return status;

    *out = (struct me_reply){
        .id = profile.user.id,
        .username = profile.user.username,
        .role = profile.user.role,
        .voice_id = profile.voice_id,
        .tts_enabled = profile.tts_enabled,
        .gift_sounds_enabled = profile.gift_sounds_enabled,
        .tts_volume = profile.tts_volume,
        .gifts_volume = profile.gifts_volume,
        .plan = profile.plan_id,
        .tariff_name = profile.plan_name,
        .allowed_platforms = list_split(call->arena, profile.platforms, ','),
        .has_max_tiktok_accounts = profile.has_account_limit,
        .max_tiktok_accounts = profile.max_tiktok_accounts,
        .license_expires_at = profile.expires_at,
        .tiktok_username = profile.tiktok_username,
    };
    return STATUS_OK;
}

enum status handle_open_socket(struct call *call, const struct open_socket_request *in,
                               struct open_socket_reply *out)
{
    (void)in;
    struct profile profile;
    enum status status = find_caller(call, &profile);
    if (status != STATUS_OK)
        return status;

    bool has_own_name = profile.tiktok_username != NULL;
    *out = (struct open_socket_reply){
        .tiktok_username = has_own_name ? profile.tiktok_username : profile.user.username,
        .allowed_platforms = list_split(call->arena, profile.platforms, ','),
    };
    return STATUS_OK;
}

enum status handle_live_settings(struct call *call, const struct live_settings_request *in,
                                 struct live_settings_reply *out)
{
    struct profile profile;
    enum status status = users_find_profile(call, in->user_id, &profile);
    if (status == STATUS_NOT_FOUND)
        return call_fail(call, STATUS_NOT_FOUND, "user not found");
    if (status != STATUS_OK)
        return status;

    *out = (struct live_settings_reply){
        .voice_id = profile.voice_id,
        .tts_enabled = profile.tts_enabled,
    };
    return STATUS_OK;
}
