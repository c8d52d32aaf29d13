/* SPDX-License-Identifier: MIT */
/* What is known of a user: for the user, for the gateway that opens a socket, for the events
 * service that speaks. */
#include "gen/auth/api.h"
#include "services/auth/handlers/caller.h"

#define DEFAULT_VOICE "ru-RU-SvetlanaNeural" /* as in the table auth.settings */

enum status handle_me(struct call *call, const struct me_request *in, struct me_reply *out)
{
    (void)in;
    struct profile profile;
    enum status status = caller_find(call, &profile);
    if (status != STATUS_OK)
        return status;

    const struct settings_reply *settings = &profile.settings;
    const struct user_plan *plan = &profile.plan;
    *out = (struct me_reply){
        .id = profile.user_id,
        .username = profile.username ? profile.username : "",
        .role = profile.role,
        .voice_id = settings->voice_id,
        .tts_enabled = settings->tts_enabled,
        .gift_sounds_enabled = settings->gift_sounds_enabled,
        .tts_volume = settings->tts_volume,
        .gifts_volume = settings->gifts_volume,
        .plan = plan->id,
        .tariff_name = plan->name,
        .allowed_platforms = list_split(call->arena, plan->platforms, ','),
        .has_max_tiktok_accounts = plan->has_account_limit,
        .max_tiktok_accounts = plan->max_tiktok_accounts,
        .license_expires_at = plan->expires_at,
        .tiktok_username = settings->tiktok_username,
    };
    return STATUS_OK;
}

/* Whose live the user watches; "" when neither a name is set nor the user has one. */
static const char *watched_name(const struct profile *profile)
{
    if (profile->settings.tiktok_username)
        return profile->settings.tiktok_username;
    return profile->username ? profile->username : "";
}

enum status handle_open_socket(struct call *call, const struct open_socket_request *in,
                               struct open_socket_reply *out)
{
    (void)in;
    struct profile profile;
    enum status status = caller_find(call, &profile);
    if (status != STATUS_OK)
        return status;

    *out = (struct open_socket_reply){
        .tiktok_username = watched_name(&profile),
        .allowed_platforms = list_split(call->arena, profile.plan.platforms, ','),
    };
    return STATUS_OK;
}

enum status handle_user_rights(struct call *call, const struct user_rights_request *in,
                               struct user_rights_reply *out)
{
    (void)in;
    struct profile profile;
    enum status status = caller_find(call, &profile);
    if (status != STATUS_OK)
        return status;
    *out = (struct user_rights_reply){.has_all_voices = profile.plan.has_all_voices};
    return STATUS_OK;
}

/* A stored voice outlives the plan that allowed it: without that it is spoken by the default. */
static const char *allowed_voice(const struct profile *profile)
{
    const char *voice_id = profile->settings.voice_id;
    return plan_allows_voice(&profile->plan, voice_id) ? voice_id : DEFAULT_VOICE;
}

enum status handle_live_settings(struct call *call, const struct live_settings_request *in,
                                 struct live_settings_reply *out)
{
    struct profile profile;
    enum status status = profiles_find(call, in->user_id, &profile);
    if (status == STATUS_NOT_FOUND)
        return call_fail(call, STATUS_NOT_FOUND, "user not found");
    if (status != STATUS_OK)
        return status;

    const struct settings_reply *settings = &profile.settings;
    *out = (struct live_settings_reply){
        .voice_id = allowed_voice(&profile),
        .tts_enabled = settings->tts_enabled,
        .gift_sounds_enabled = settings->gift_sounds_enabled,
        .chat_tts_mode = settings->chat_tts_mode,
        .chat_tts_prefixes = settings->chat_tts_prefixes,
        .chat_tts_min_diamonds = settings->chat_tts_min_diamonds,
        .gift_tts_enabled = settings->gift_tts_enabled,
        .blocked_words = settings->blocked_words,
        .blocked_users = settings->blocked_users,
        .read_links = settings->read_links,
        .max_spoken_chars = settings->max_spoken_chars,
    };
    return STATUS_OK;
}
