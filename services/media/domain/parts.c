/* SPDX-License-Identifier: MIT */
#include "services/media/domain/parts.h"

#include "lib/base/spoken_chars.h"
#include "lib/base/text.h"
#include "services/media/domain/letters.h"
#include "services/media/domain/lookalikes.h"
#include "services/media/domain/scripts.h"

struct division {
    struct voice_part *parts;
    size_t count;
    const struct voice *wanted; /* the one that was asked for */
    const struct voice *main;
    const struct voice *latin; /* who reads Latin words for it */
    bool is_settled;           /* the last part has something to read, so its voice stands */
    bool is_final;             /* there may be no other part */
    char *end;                 /* of the last part's text so far */
    const char *limit;         /* the text's end */
};

/* Letters that one voice reads, or what stands between such. */
struct run {
    const struct voice *voice; /* NULL: no letters, or such that nobody reads */
    const char *text;
    size_t size;
    unsigned letters;
    bool is_latin;
};

/* Punctuation, ASCII digits and what else belongs to every script; not the letters of scripts that
 * we don't know. */
static bool is_common(uint32_t code_point)
{
    switch (spoken_classify(code_point)) {
    case SPOKEN_LETTER:
        return code_point < 0x80 || letter_is_symbol(code_point);
    case SPOKEN_EMOJI:
    case SPOKEN_HIDDEN:
        return false;
    default:
        return true;
    }
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The voice for letters of a script: the main one or the wanted one if they can. NULL for none. */
static const struct voice *reader_of(const struct division *division, uint32_t script,
                                     const char *letter, size_t size)
{
    if (!script)
        return NULL;
    if (division->main->scripts & script)
        return division->main;
    if (division->wanted->scripts & script)
        return division->wanted;
    if (script == SCRIPT_LATIN)
        return division->latin;
    char text[5] = "";
    memcpy(text, letter, size);
    const struct voice *voice = voices_for_text(division->main, text);
    return voice->scripts & script ? voice : NULL;
}

/* An apostrophe between two letters is one: "don't". */
static bool is_apostrophe(uint32_t code_point)
{
    return code_point == '\'' || code_point == 0x2019;
}

/* The run at text. */
static struct run read_run(const struct division *division, const char *text)
{
    struct run run = {.text = text};
    bool is_first = true;
    size_t left = (size_t)(division->limit - text);
    for (size_t bytes; left > run.size; run.size += bytes) {
        const char *letter = text + run.size;
        uint32_t code_point;
        bytes = text_utf8_decode(letter, left - run.size, &code_point);
        uint32_t script = script_of(code_point);
        const struct voice *voice = reader_of(division, script, letter, bytes);
        if (!is_first && run.voice && !voice && is_apostrophe(code_point))
            continue;
        if (!is_first && voice != run.voice)
            break;
        is_first = false;
        run.voice = voice;
        run.letters += voice != NULL;
        run.is_latin |= script == SCRIPT_LATIN;
    }
    return run;
}

/* Makes the last part one of that voice. */
static void turn_to(struct division *division, const struct voice *voice)
{
    struct voice_part *last = division->count > 0 ? &division->parts[division->count - 1] : NULL;
    if (division->is_final || (last && last->voice == voice))
        return;
    if (last && !division->is_settled) {
        last->voice = voice;
        return;
    }
    if (division->count == VOICE_PARTS_MAX - 1) {
        division->is_final = true;
        voice = division->main;
        if (last->voice == voice)
            return;
    }
    if (last)
        division->end++; /* its NUL stays */
    division->parts[division->count++] = (struct voice_part){voice, division->end};
}

static void add(struct division *division, const char *text, size_t size)
{
    memcpy(division->end, text, size);
    division->end += size;
}

/* What all scripts share, of a run without a voice. */
static void add_common(struct division *division, const char *text, size_t size)
{
    uint32_t code_point;
    for (size_t bytes; size > 0; text += bytes, size -= bytes) {
        bytes = text_utf8_decode(text, size, &code_point);
        if (!script_of(code_point) && is_common(code_point))
            add(division, text, bytes);
        division->is_settled |= is_digit(*text);
    }
}

static bool can_get_through(const struct voice *voice, const struct run *run)
{
    return run->voice == voice || (run->is_latin && voice->spells_latin);
}

static void add_letters(struct division *division, const struct run *run)
{
    if (division->is_final && !can_get_through(division->main, run))
        return;
    add(division, run->text, run->size);
    division->is_settled = true;
}

static bool has_digit(const struct run *gap)
{
    for (size_t i = 0; i < gap->size; i++)
        if (is_digit(gap->text[i]))
            return true;
    return false;
}

/* A lone Latin letter among other words is not worth another voice. */
static bool is_lone_letter(const struct division *division, const struct run *run)
{
    if (!run->is_latin || run->voice == division->main || run->letters > 1 ||
        !division->main->spells_latin)
        return false;
    if (division->is_settled && division->parts[division->count - 1].voice == run->voice)
        return false;
    struct run gap = read_run(division, run->text + run->size);
    if (gap.voice || has_digit(&gap))
        return true;
    struct run next = read_run(division, gap.text + gap.size);
    return next.voice != run->voice || next.letters == 1;
}

/* Bytes of a gap that stay with the Latin words before it: up to the first number that is not
 * joined to them. */
static size_t find_number(const struct run *gap)
{
    size_t word = 0;
    for (size_t i = 0; i < gap->size; i++) {
        if (gap->text[i] == ' ')
            word = i + 1;
        else if (is_digit(gap->text[i]) && word > 0)
            return word;
    }
    return gap->size;
}

static void take_gap(struct division *division, const struct run *gap)
{
    if (division->count == 0)
        turn_to(division, division->main);
    const struct voice *voice = division->parts[division->count - 1].voice;
    struct run next = read_run(division, gap->text + gap->size);
    size_t stays = gap->size;
    if (division->is_settled && voice == division->latin && voice != division->main &&
        next.voice != voice)
        stays = find_number(gap);
    add_common(division, gap->text, stays);
    if (stays == gap->size)
        return;
    turn_to(division, division->main);
    add_common(division, gap->text + stays, gap->size - stays);
}

size_t parts_divide(struct arena *arena, const struct voice *voice, const char *text,
                    struct voice_part ret_parts[static VOICE_PARTS_MAX])
{
    text = lookalikes_fold(arena, text);
    struct division division = {.parts = ret_parts, .limit = text + strlen(text)};
    division.wanted = voices_local_of(voice);
    division.main = voices_for_text(division.wanted, text);
    bool reads_latin = division.wanted->scripts & SCRIPT_LATIN;
    division.latin = reads_latin ? division.wanted : voices_for_text(division.main, "a");
    division.end = arena_alloc(arena, strlen(text) + VOICE_PARTS_MAX + 1);
    while (*text) {
        struct run run = read_run(&division, text);
        text += run.size;
        if (!run.voice) {
            take_gap(&division, &run);
            continue;
        }
        turn_to(&division, is_lone_letter(&division, &run) ? division.main : run.voice);
        add_letters(&division, &run);
    }
    bool is_empty = division.count > 0 && !*ret_parts[division.count - 1].text;
    return division.count - is_empty;
}
