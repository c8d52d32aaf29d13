/* SPDX-License-Identifier: MIT */
/* What a user wants to hear of a live: the settings that decide it. */
#pragma once

#include "services/events/domain/occasion.h"

enum chat_mode {
    CHAT_ALL,    /* every message is spoken */
    CHAT_PREFIX, /* those that begin with one of the prefixes, which itself is left out */
    CHAT_DONOR,  /* those of viewers who have given enough in this stream */
};

struct hearing {
    const char *voice_id;
    bool tts_enabled;
    bool gift_sounds_enabled;
    bool gift_tts_enabled;
    enum chat_mode chat_mode;
    const char *chat_prefixes; /* characters */
    int64_t chat_min_diamonds;
    const char *const *blocked_words; /* folded */
    size_t blocked_word_count;
    const char *const *blocked_users; /* folded names */
    size_t blocked_user_count;
    bool read_links;
    int64_t max_spoken_chars;
};

/* "prefix" and "donor"; anything else is all. */
enum chat_mode hearing_chat_mode(const char *name);

/* Whether whatever this viewer does shall make no sound. */
bool hearing_blocks_viewer(const struct hearing *hearing, const struct occasion *occasion);

/* Whether one of the blocked words, or a word that begins with one, is in the text. */
bool hearing_blocks_text(const struct hearing *hearing, struct arena *arena, const char *text);

/* What of a chat message is to be spoken when no trigger took it; NULL: nothing. */
const char *hearing_chat(const struct hearing *hearing, const struct occasion *occasion);

/* text made fit to be spoken, as the settings say. NULL when nothing of it is left, or it must not
 * be spoken. */
const char *hearing_prepare(const struct hearing *hearing, struct arena *arena, const char *text);
