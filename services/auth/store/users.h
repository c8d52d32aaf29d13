/* SPDX-License-Identifier: MIT */
/* Users, their settings and what their plan allows. Usernames are given folded. */
#pragma once

#include "lib/api/call.h"

struct user {
    const char *id;
    const char *username;
    const char *password_hash;
    const char *role;
    bool is_banned;
};

/* A user with settings and the plan in force now. */
struct profile {
    struct user user; /* without the hash */
    const char *voice_id;
    bool tts_enabled;
    bool gift_sounds_enabled;
    int64_t tts_volume;
    int64_t gifts_volume;
    const char *tiktok_username; /* NULL: not set */
    bool has_plan;               /* the members below are set */
    const char *plan_id;
    const char *plan_name;
    const char *platforms; /* "desktop,mobile", sorted */
    bool has_account_limit;
    int64_t max_tiktok_accounts;
    const char *expires_at; /* RFC 3339; NULL: never */
};

/* Adds a user, with default settings. STATUS_CONFLICT when the name is taken. */
MUST_CHECK enum status users_insert(struct call *call, const char *id, const char *username,
                                    const char *password_hash);

MUST_CHECK enum status users_find_by_name(struct call *call, const char *username,
                                          struct user *ret_user);

MUST_CHECK enum status users_find_profile(struct call *call, const char *id,
                                          struct profile *ret_profile);

/* Replaces the hash, unless it changed from old_hash meanwhile. */
MUST_CHECK enum status users_update_hash(struct call *call, const char *id, const char *old_hash,
                                         const char *new_hash);

/* Takes back an insert of this call. */
MUST_CHECK enum status users_delete(struct call *call, const char *id);
