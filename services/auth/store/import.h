/* SPDX-License-Identifier: MIT */
/* Taking over the old backend's users. What is here stays as it is: only what is missing is added,
 * and a user who was deleted here does not come back. */
#pragma once

#include "lib/api/call.h"

/* What to read in the old database: see struct import_table. */
extern const struct pg_query import_old_users;
extern const struct pg_query import_old_settings;
extern const struct pg_query import_old_tiktok_accounts;

enum import_result {
    IMPORT_ADDED,
    IMPORT_PRESENT,
    IMPORT_NAME_TAKEN, /* by another user */
    IMPORT_NO_USER,    /* it was not imported */
    IMPORT_DELETED,    /* the user was imported, and deleted here since */
};

/* Times are text as Postgres reads it, in UTC; NULL is now. */
struct import_user {
    const char *id;
    const char *username; /* folded */
    const char *password_hash;
    const char *created_at;
    const char *tiktok_username; /* folded; NULL: not set */
};

MUST_CHECK enum status import_user_insert(struct call *call, const struct import_user *user,
                                          enum import_result *ret_result);

struct import_settings {
    const char *user_id;
    const char *voice_id; /* NULL: the default */
    bool tts_enabled;
    bool gift_sounds_enabled;
    int64_t tts_volume;
    int64_t gifts_volume;
};

MUST_CHECK enum status import_settings_update(struct call *call,
                                              const struct import_settings *settings,
                                              enum import_result *ret_result);

struct import_tiktok_account {
    const char *user_id;
    const char *name; /* folded */
    const char *created_at;
    const char *last_used_at;
};

/* The first one of a user who has set no name becomes the user's. */
MUST_CHECK enum status import_tiktok_account_insert(struct call *call,
                                                    const struct import_tiktok_account *account,
                                                    enum import_result *ret_result);
