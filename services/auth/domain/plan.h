/* SPDX-License-Identifier: MIT */
/* What a plan allows. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The plan in force for a user. */
struct user_plan {
    const char *id;
    const char *name;
    const char *platforms; /* "desktop,mobile", sorted */
    bool has_account_limit;
    int64_t max_tiktok_accounts;
    bool may_change_tiktok;
    bool has_all_voices;
    const char *expires_at; /* RFC 3339; NULL: never */
};

/* The plan of a user without an active licence. */
extern const struct user_plan plan_free;

/* platform is "mobile" or "desktop"; NULL, a client that did not say, is mobile. */
bool plan_allows_platform(const struct user_plan *plan, const char *platform);

/* Voices of a remote speech server, whose ids begin with "http:", are not in every plan. All others
 * are local, or an unknown one for which a local voice speaks. */
bool plan_allows_voice(const struct user_plan *plan, const char *voice_id);

/* The TikTok names that a user has set so far, seen from the one that is to be set. */
struct tiktok_history {
    const char *current; /* NULL: none is set now */
    int64_t count;       /* different ones */
    bool is_known;       /* the new one is among them */
};

enum tiktok_verdict { TIKTOK_ALLOWED, TIKTOK_MAY_NOT_CHANGE, TIKTOK_LIMIT_REACHED };

/* Whether name, which is folded, may be set. A plan that may not change the name lets it be set the
 * first time, and again after it was cleared. */
enum tiktok_verdict plan_check_tiktok(const struct user_plan *plan, const char *name,
                                      const struct tiktok_history *history);
