/* SPDX-License-Identifier: MIT */
#include "services/events/live/profile.h"

#include "services/events/domain/folded.h"

/* 200 triggers and 700 blocked words and names of the longest come to some 400 KB, and to 9 MB when
 * they are all of the letter that becomes 18 when it is folded. */
#define MAX_BYTES ((size_t)16 * 1024 * 1024)
#define CHUNK_BYTES ((size_t)1024)

typedef const char *(*fold_fn)(struct arena *arena, const char *text);

/* Those of which something is left: an empty word would be in every text. */
static const char *const *fold_all(struct arena *arena, struct list texts, fold_fn fold,
                                   size_t *ret_count)
{
    const char *const *items = texts.items;
    const char **all = ARENA_ARRAY(arena, const char *, texts.count);
    size_t count = 0;
    for (size_t i = 0; i < texts.count; i++) {
        const char *text = fold(arena, items[i]);
        if (*text)
            all[count++] = text;
    }
    *ret_count = count;
    return all;
}

struct profile *profile_new(const struct live_settings_reply *settings)
{
    struct arena *arena = arena_new_sized(MAX_BYTES, CHUNK_BYTES);
    struct profile *profile = ARENA_NEW(arena, struct profile);
    profile->arena = arena;
    struct hearing *hearing = &profile->hearing;
    *hearing = (struct hearing){
        .voice_id = arena_text(arena, settings->voice_id),
        .tts_enabled = settings->tts_enabled,
        .gift_sounds_enabled = settings->gift_sounds_enabled,
        .gift_tts_enabled = settings->gift_tts_enabled,
        .chat_mode = hearing_chat_mode(settings->chat_tts_mode),
        .chat_prefixes = arena_text(arena, settings->chat_tts_prefixes),
        .chat_min_diamonds = settings->chat_tts_min_diamonds,
        .read_links = settings->read_links,
        .max_spoken_chars = settings->max_spoken_chars,
    };
    hearing->blocked_words =
        fold_all(arena, settings->blocked_words, folded, &hearing->blocked_word_count);
    hearing->blocked_users =
        fold_all(arena, settings->blocked_users, folded_name, &hearing->blocked_user_count);
    return profile;
}

void profile_set_triggers(struct profile *profile, struct trigger *triggers, size_t count)
{
    profile->triggers = triggers;
    profile->trigger_count = count;
    for (size_t i = 0; i < count; i++)
        profile->wants_first_messages |=
            triggers[i].enabled && triggers[i].event == TRIGGER_VIEWER_FIRST_MESSAGE;
}

void profile_free(struct profile *profile)
{
    if (profile)
        arena_free(profile->arena);
}
