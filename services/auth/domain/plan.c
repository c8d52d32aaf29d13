/* SPDX-License-Identifier: MIT */
#include "services/auth/domain/plan.h"

#include "lib/base/text.h"

#define REMOTE_VOICE_PREFIX "http:"
#define DEFAULT_PLATFORM "mobile"

const struct user_plan plan_free = {
    .id = "nova_free_streamer",
    .name = "NovaFree Streamer",
    .platforms = "desktop,mobile",
    .has_account_limit = true,
    .max_tiktok_accounts = 1,
    .may_change_tiktok = false,
    .has_all_voices = false,
};

bool plan_allows_platform(const struct user_plan *plan, const char *platform)
{
    if (!platform)
        platform = DEFAULT_PLATFORM;
    size_t length = strlen(platform);
    for (const char *name = plan->platforms; *name; name += strspn(name, ",")) {
        size_t size = strcspn(name, ",");
        if (size == length && strncmp(name, platform, length) == 0)
            return true;
        name += size;
    }
    return false;
}

bool plan_allows_voice(const struct user_plan *plan, const char *voice_id)
{
    return plan->has_all_voices || !text_starts_with(voice_id, REMOTE_VOICE_PREFIX);
}

enum tiktok_verdict plan_check_tiktok(const struct user_plan *plan, const char *name,
                                      const struct tiktok_history *history)
{
    if (text_equal(name, history->current))
        return TIKTOK_ALLOWED;

    bool is_first = history->count == 0 && !history->current;
    bool is_set_again = history->is_known && !history->current;
    if (!plan->may_change_tiktok && !is_first && !is_set_again)
        return TIKTOK_MAY_NOT_CHANGE;

    bool is_full = plan->has_account_limit && history->count >= plan->max_tiktok_accounts;
    return is_full && !history->is_known ? TIKTOK_LIMIT_REACHED : TIKTOK_ALLOWED;
}
