/* SPDX-License-Identifier: MIT */
#include "services/events/domain/hearing.h"

#include "lib/base/spoken.h"
#include "lib/base/spoken_chars.h"
#include "lib/base/text.h"
#include "services/events/domain/folded.h"

enum chat_mode hearing_chat_mode(const char *name)
{
    if (text_equal(name, "prefix"))
        return CHAT_PREFIX;
    return text_equal(name, "donor") ? CHAT_DONOR : CHAT_ALL;
}

bool hearing_blocks_viewer(const struct hearing *hearing, const struct occasion *occasion)
{
    for (size_t i = 0; i < hearing->blocked_user_count; i++) {
        const char *blocked = hearing->blocked_users[i];
        if (text_equal(blocked, occasion->name_folded) ||
            text_equal(blocked, occasion->nickname_folded))
            return true;
    }
    return false;
}

/* ---- blocked words ---- */

static bool is_of_word(uint32_t code_point)
{
    enum spoken_class class = spoken_classify(code_point);
    return class == SPOKEN_LETTER || class == SPOKEN_MARK;
}

/* Whether a word begins at that place: what stands before it is no part of one. */
static bool begins_word(const char *text, const char *at)
{
    const char *before = at;
    uint32_t code_point;
    if (at == text)
        return true;
    do
        before--;
    while (before > text && (*before & 0xC0) == 0x80);
    (void)text_utf8_decode(before, (size_t)(at - before), &code_point);
    return !is_of_word(code_point);
}

static bool has_word(const char *text, const char *word)
{
    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word)) {
        if (begins_word(text, at))
            return true;
    }
    return false;
}

bool hearing_blocks_text(const struct hearing *hearing, struct arena *arena, const char *text)
{
    if (hearing->blocked_word_count == 0)
        return false;
    const char *fold = folded(arena, text);
    for (size_t i = 0; i < hearing->blocked_word_count; i++) {
        if (has_word(fold, hearing->blocked_words[i]))
            return true;
    }
    return false;
}

/* ---- chat ---- */

/* What follows the prefix; NULL when the message has none. */
static const char *skip_prefix(const char *message, const char *prefixes)
{
    size_t size = strlen(message);
    if (size == 0)
        return NULL;
    uint32_t first;
    size_t taken = text_utf8_decode(message, size, &first);
    for (size_t at = 0, end = strlen(prefixes); at < end;) {
        uint32_t prefix;
        at += text_utf8_decode(prefixes + at, end - at, &prefix);
        if (prefix == first)
            return message + taken;
    }
    return NULL;
}

static bool has_given_enough(const struct hearing *hearing, const struct occasion *occasion)
{
    int64_t needed = hearing->chat_min_diamonds > 0 ? hearing->chat_min_diamonds : 1;
    return occasion->viewer_diamonds >= needed;
}

const char *hearing_chat(const struct hearing *hearing, const struct occasion *occasion)
{
    switch (hearing->chat_mode) {
    case CHAT_PREFIX:
        return skip_prefix(occasion->message, hearing->chat_prefixes);
    case CHAT_DONOR:
        return has_given_enough(hearing, occasion) ? occasion->message : NULL;
    case CHAT_ALL:
        break;
    }
    return occasion->message;
}

const char *hearing_prepare(const struct hearing *hearing, struct arena *arena, const char *text)
{
    const struct spoken_options options = {.read_links = hearing->read_links,
                                           .max_chars = (size_t)hearing->max_spoken_chars};
    if (!hearing->tts_enabled || !text || hearing_blocks_text(hearing, arena, text))
        return NULL;
    return spoken_prepare(arena, text, &options);
}
