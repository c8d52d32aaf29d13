/* SPDX-License-Identifier: MIT */
#include "services/media/domain/parts.h"

#include "lib/base/spoken_chars.h"
#include "lib/base/text.h"
#include "services/media/domain/scripts.h"

struct division {
    struct voice_part *parts;
    size_t count;
    const struct voice *main;
    bool is_settled; /* the last part has a letter, so its voice stands */
    char *end;       /* of the last part's text so far */
};

/* Punctuation, ASCII digits and what else belongs to every script; not the letters of scripts that
 * we don't know. */
static bool is_common(uint32_t code_point)
{
    switch (spoken_classify(code_point)) {
    case SPOKEN_LETTER:
        return code_point < 0x80;
    case SPOKEN_EMOJI:
    case SPOKEN_HIDDEN:
        return false;
    default:
        return true;
    }
}

/* Who reads a letter: the main voice if it can. */
static const struct voice *reader_of(const struct voice *main, uint32_t script, const char *letter,
                                     size_t size)
{
    if (main->scripts & script)
        return main;
    char text[5] = "";
    memcpy(text, letter, size);
    return voices_for_text(main, text);
}

/* Makes the last part one of that voice. False when there would be too many. */
static bool turn_to(struct division *division, const struct voice *voice, struct arena *arena,
                    size_t room)
{
    struct voice_part *last = division->count > 0 ? &division->parts[division->count - 1] : NULL;
    if (last && (last->voice == voice || !division->is_settled)) {
        last->voice = voice;
        return true;
    }
    if (division->count == VOICE_PARTS_MAX)
        return false;
    division->end = arena_alloc(arena, room + 1);
    division->parts[division->count++] = (struct voice_part){voice, division->end};
    return true;
}

size_t parts_divide(struct arena *arena, const struct voice *voice, const char *text,
                    struct voice_part ret_parts[static VOICE_PARTS_MAX])
{
    struct division division = {.parts = ret_parts, .main = voices_for_text(voice, text)};
    size_t bytes;
    for (size_t left = strlen(text); left > 0; left -= bytes, text += bytes) {
        uint32_t code_point;
        bytes = text_utf8_decode(text, left, &code_point);
        uint32_t script = script_of(code_point);
        if (!script && !is_common(code_point))
            continue;
        if (division.count == 0 && !turn_to(&division, division.main, arena, left))
            break;
        if (script &&
            !turn_to(&division, reader_of(division.main, script, text, bytes), arena, left))
            break;
        division.is_settled |= script != 0;
        memcpy(division.end, text, bytes);
        division.end += bytes;
    }
    return division.count;
}
