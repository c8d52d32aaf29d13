/* SPDX-License-Identifier: MIT */
/* Settings: a row a user, made with the user. */
#pragma once

#include "gen/auth/messages.h"
#include "lib/api/call.h"

/* The columns of auth.settings as settings_read expects them. */
#define SETTINGS_COLUMNS                                                                           \
    "  settings.voice_id,\n"                                                                       \
    "  settings.tts_enabled,\n"                                                                    \
    "  settings.gift_sounds_enabled,\n"                                                            \
    "  settings.tts_volume,\n"                                                                     \
    "  settings.gifts_volume,\n"                                                                   \
    "  settings.tiktok_username,\n"                                                                \
    "  settings.chat_tts_mode,\n"                                                                  \
    "  settings.chat_tts_prefixes,\n"                                                              \
    "  settings.chat_tts_min_diamonds,\n"                                                          \
    "  settings.gift_tts_enabled,\n"                                                               \
    "  array_to_string(settings.blocked_words, e'\\x1f') as blocked_words,\n"                      \
    "  array_to_string(settings.blocked_users, e'\\x1f') as blocked_users,\n"                      \
    "  settings.read_links,\n"                                                                     \
    "  settings.max_spoken_chars"

struct settings_reply settings_read(struct call *call, const PGresult *row);

/* Sets what changes names, gives all as it is then, and tells EVT_AUTH_SETTINGS_CHANGED. Texts are
 * stored as they come, but an empty tiktok_username clears it; those in lists hold no control
 * characters. STATUS_NOT_FOUND when the user is gone. */
MUST_CHECK enum status settings_update(struct call *call, const char *user_id,
                                       const struct update_settings_request *changes,
                                       struct settings_reply *ret_settings);
