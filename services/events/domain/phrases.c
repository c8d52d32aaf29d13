/* SPDX-License-Identifier: MIT */
#include "services/events/domain/phrases.h"

#include "lib/base/spoken.h"
#include "lib/base/text.h"

#define RENDERED_MAX_BYTES ((size_t)16 * 1024)

bool phrases_is_english(const char *voice_id)
{
    return text_starts_with(voice_id, "en-") || text_starts_with(voice_id, "en_") ||
           text_equal(voice_id, "en") || text_equal(voice_id, "gtts-en");
}

/* Emoji alone have none. */
static bool has_sound(struct arena *arena, const char *text)
{
    const struct spoken_options options = {.read_links = true};
    return spoken_prepare(arena, text, &options) != NULL;
}

/* A nickname that can't be spoken: then the username names its owner. */
static const char *spoken_name(struct arena *arena, const struct occasion *occasion)
{
    return has_sound(arena, occasion->nickname) ? occasion->nickname : occasion->username;
}

/* The replacement of the name between braces; NULL when it is none. */
static const char *value_of(struct arena *arena, const struct occasion *occasion, const char *name,
                            size_t length)
{
    const struct {
        const char *name;
        const char *value;
    } values[] = {
        {"user", occasion->nickname},     {"username", occasion->username},
        {"nickname", occasion->nickname}, {"message", occasion->message},
        {"gift", occasion->gift_name},
    };
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        if (strlen(values[i].name) == length && memcmp(values[i].name, name, length) == 0)
            return values[i].value == occasion->nickname ? spoken_name(arena, occasion)
                                                         : values[i].value;
    }
    if (length == strlen("count") && memcmp(name, "count", length) == 0)
        return arena_printf(arena, "%lld", (long long)occasion->count);
    if (length == strlen("diamonds") && memcmp(name, "diamonds", length) == 0)
        return arena_printf(arena, "%lld", (long long)occasion->diamonds);
    return NULL;
}

const char *phrases_render(struct arena *arena, const char *text_template,
                           const struct occasion *occasion)
{
    AUTO_BUFFER(out, RENDERED_MAX_BYTES);
    const char *rest = text_template;
    for (const char *open; (open = strchr(rest, '{')) != NULL;) {
        buffer_add(&out, rest, (size_t)(open - rest));
        size_t length = strcspn(open + 1, "{}");
        const char *value =
            open[1 + length] == '}' ? value_of(arena, occasion, open + 1, length) : NULL;
        if (value) {
            buffer_add_text(&out, value);
            rest = open + length + 2;
        } else {
            buffer_add_char(&out, '{');
            rest = open + 1;
        }
    }
    buffer_add_text(&out, rest);
    return arena_text(arena, buffer_text(&out));
}

struct words {
    const char *russian;
    const char *english;
};

const char *phrases_usual(struct arena *arena, const struct occasion *occasion, bool is_english)
{
    static const struct words usual[TRIGGER_EVENTS] = {
        [TRIGGER_CHAT] = {"{message}", "{message}"},
        [TRIGGER_VIEWER_FIRST_MESSAGE] = {"{message}", "{message}"},
        [TRIGGER_GIFT] = {"{user} отправил подарок {gift}, количество {count}",
                          "{user} sent the gift {gift}, count {count}"},
        [TRIGGER_VIEWER_JOIN] = {"{user} теперь с нами", "{user} joined"},
        [TRIGGER_FOLLOW] = {"Новый подписчик: {user}", "New follower: {user}"},
        [TRIGGER_SUBSCRIBE] = {"{user} теперь с платной подпиской", "{user} subscribed"},
        [TRIGGER_SHARE] = {"{user} делится трансляцией", "{user} shared the live"},
        [TRIGGER_LIKE] = {"{user} ставит лайки: {count}", "{user} likes: {count}"},
    };
    /* Neither its message nor the catalogue says what it is called. */
    static const struct words nameless_gift = {"{user} отправил подарок, количество {count}",
                                               "{user} sent a gift, count {count}"};
    bool is_nameless = occasion->event == TRIGGER_GIFT && !has_sound(arena, occasion->gift_name);
    const struct words *words = is_nameless ? &nameless_gift : &usual[occasion->event];
    return phrases_render(arena, is_english ? words->english : words->russian, occasion);
}
