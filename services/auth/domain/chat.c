/* SPDX-License-Identifier: MIT */
#include "services/auth/domain/chat.h"

#include "lib/base/spoken_chars.h"
#include "lib/base/text.h"
#include "services/auth/domain/username.h"

#define PREFIXES_MAX 8
#define PREFIXES_DEFAULT "."

const char *chat_prefixes_fold(struct arena *arena, const char *text)
{
    size_t size = strlen(text);
    AUTO_BUFFER(kept, size + 1);
    size_t count = 0;
    for (size_t at = 0; at < size && count < PREFIXES_MAX;) {
        uint32_t code_point;
        at += text_utf8_decode(text + at, size - at, &code_point);
        enum spoken_class class = spoken_classify(code_point);
        if (class == SPOKEN_SPACE || class == SPOKEN_HIDDEN)
            continue;
        text_utf8_append(&kept, code_point);
        count++;
    }
    return count > 0 ? arena_text(arena, buffer_text(&kept)) : PREFIXES_DEFAULT;
}

const char *chat_word_fold(struct arena *arena, const char *text)
{
    size_t size = strlen(text);
    AUTO_BUFFER(kept, size + 1);
    bool is_after_space = false;
    for (size_t at = 0; at < size;) {
        uint32_t code_point;
        at += text_utf8_decode(text + at, size - at, &code_point);
        enum spoken_class class = spoken_classify(code_point);
        if (class == SPOKEN_HIDDEN)
            continue;
        if (class == SPOKEN_SPACE) {
            is_after_space = kept.size > 0;
            continue;
        }
        if (is_after_space)
            buffer_add_char(&kept, ' ');
        is_after_space = false;
        text_utf8_append(&kept, code_point);
    }
    return kept.size > 0 ? arena_text(arena, buffer_text(&kept)) : NULL;
}

const char *chat_user_fold(struct arena *arena, const char *text)
{
    const char *name = username_fold(arena, text);
    return name ? name : chat_word_fold(arena, text);
}
