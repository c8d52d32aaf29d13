/* SPDX-License-Identifier: MIT */
#include "services/media/domain/reading_markup.h"

#include "lib/base/text.h"
#include "services/media/domain/letters.h"

#include <strings.h>

#define TAG_MAX 256
#define REFERENCE_MAX 10

static bool is_ascii_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_ascii_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Names of HTML and SSML; of others the words may be meant: "<привет>", "<hello>". */
static bool is_tag_name(const char *name, size_t size)
{
    static const char names[] =
        "a amazon:effect audio b big blockquote body br break center code del desc div em emphasis "
        "font h1 h2 h3 h4 h5 h6 head hr html i iframe img ins lang lexicon li link mark marquee "
        "meta ol p phoneme pre prosody q s say-as script small span speak strike strong style sub "
        "sup svg table td tr tts tts:style tt u ul video voice w xml";
    for (const char *known = names; *known; known += strspn(known, " ")) {
        size_t known_size = strcspn(known, " ");
        if (known_size == size && strncasecmp(known, name, size) == 0)
            return true;
        known += known_size;
    }
    return false;
}

static bool is_name_character(char c)
{
    return is_ascii_letter(c) || is_ascii_digit(c) || c == ':' || c == '-';
}

static size_t name_size(const char *text)
{
    size_t size = 0;
    while (is_name_character(text[size]))
        size++;
    return size;
}

/* Whether a tag's name is followed by nothing but what may: "<a and b>" is none. */
static bool has_tag_rest(const char *rest)
{
    size_t blanks = strspn(rest, " /?");
    if (rest[blanks] == '>')
        return true;
    return *rest == ' ' && rest[blanks + name_size(rest + blanks)] == '=';
}

/* "<b>", "</b>", "<br/>", "<voice name='x'>", "<?xml …>", "<!-- … -->". */
static size_t tag_size(const char *text)
{
    if (text[0] != '<')
        return 0;
    const char *end = memchr(text, '>', strnlen(text, TAG_MAX));
    if (!end)
        return 0;
    const char *name = text + 1 + (text[1] == '/' || text[1] == '?');
    size_t size = name_size(name);
    bool is_tag = is_tag_name(name, size) && has_tag_rest(name + size);
    return is_tag || text_starts_with(text, "<!--") ? (size_t)(end - text) + 1 : 0;
}

/* "&lt;", "&#39;"; not "&amp;", which is read as & is. */
static size_t reference_size(const char *text)
{
    if (text[0] != '&' || text_starts_with(text, "&amp;"))
        return 0;
    size_t at = 1 + (text[1] == '#');
    size_t name = at;
    while (at < REFERENCE_MAX && (is_ascii_letter(text[at]) || is_ascii_digit(text[at])))
        at++;
    return at > name && text[at] == ';' ? at + 1 : 0;
}

static bool is_word_character(uint32_t code_point)
{
    return letter_is_one(code_point) || (code_point >= '0' && code_point <= '9');
}

static uint32_t character_at(const char *text)
{
    uint32_t code_point = 0;
    if (*text)
        text_utf8_decode(text, strnlen(text, 4), &code_point);
    return code_point;
}

/* Faces that begin with letters or are drawn with them, so that the rule below does not find them.
 */
static size_t drawn_face_size(const char *text)
{
    static const char *const faces[] = {
        "T_T", "Т_Т", "o_O", "O_o", "o_o", "O_O", "0_0", "0_o", "o_0", "о_О", "О_о",
        "о_о", "О_О", "xD",  "XD",  "xd",  "хД",  "ХД",  "хд",  "<3",  "</3",
    };
    for (size_t i = 0; i < ARRAY_LEN(faces); i++)
        if (text_starts_with(text, faces[i]))
            return strlen(faces[i]);
    return 0;
}

/* ":D", ";-P", "=3": eyes, a nose maybe, and a mouth that would be read otherwise; of a mouth that
 * is silent only the eyes matter, which are silent too, but for "=". */
static size_t built_face_size(const char *text)
{
    static const char *const mouths[] = {
        "D", "d", "P",  "p", "O", "o", "0", "3", "X", "x", "S", "V", "v", "c", "C", "L",
        "*", "/", "\\", "|", "]", "[", "}", "{", ")", "(", "Д", "Р", "О", "о", "З", "з",
    };
    if (!strchr(":;=", text[0]))
        return 0;
    size_t at = 1 + (text[1] == '-' || text[1] == '\'' || text[1] == '^');
    for (size_t i = 0; i < ARRAY_LEN(mouths); i++)
        if (text_starts_with(text + at, mouths[i])) {
            char last = mouths[i][0];
            for (at += strlen(mouths[i]); text[at] == last;)
                at++;
            return at;
        }
    return 0;
}

size_t reading_markup_size(const char *text, uint32_t before)
{
    if (!*text)
        return 0;
    size_t size = tag_size(text);
    if (size == 0)
        size = reference_size(text);
    if (size > 0)
        return size;
    if (before >= '0' && before <= '9')
        return 0;
    size = letter_is_one(before) ? 0 : drawn_face_size(text);
    if (size == 0)
        size = built_face_size(text);
    return is_word_character(character_at(text + size)) ? 0 : size;
}
