/* SPDX-License-Identifier: MIT */
/* Profiles for tests of what users hear. */
#pragma once

#include "services/events/live/rooms.h"

/* Auth's answer for somebody who has changed nothing. */
static const struct live_settings_reply profiles_defaults = {
    .voice_id = "ru-RU-SvetlanaNeural",
    .tts_enabled = true,
    .gift_sounds_enabled = true,
    .chat_tts_mode = "all",
    .chat_tts_prefixes = ".",
    .gift_tts_enabled = true,
    .max_spoken_chars = 200,
};

/* Hands the user's room a profile with those triggers, as if it had been loaded. */
static inline void profiles_give(struct rooms *rooms, const char *user_id,
                                 const struct live_settings_reply *settings,
                                 const struct trigger *triggers, size_t count)
{
    struct profile *profile = profile_new(settings);
    struct trigger *own = ARENA_ARRAY(profile->arena, struct trigger, count);
    for (size_t i = 0; i < count; i++)
        own[i] = triggers[i];
    profile_set_triggers(profile, own, count);
    const struct rooms_loaded loaded = {.profile = profile};
    rooms_take_profile(rooms, user_id, &loaded);
}
