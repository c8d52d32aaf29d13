/* SPDX-License-Identifier: MIT */
/* Any text, prepared as chat is or as it came, is divided among voices, written out and cut in
 * pieces: each of them valid UTF-8, within its bounds, and of nothing but what voices may get. */
#include "lib/base/spoken.h"
#include "lib/base/text.h"
#include "services/media/domain/parts.h"
#include "services/media/domain/pieces.h"
#include "services/media/domain/reading.h"

#include <assert.h>
#include <stdint.h>

#define PIECE_MIN 4
#define ARENA_BYTES (8 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* No white space but single spaces, nothing that espeak-ng or SSML takes for a command. */
static void check_read(const char *read)
{
    assert(!strpbrk(read, "<>\\|[]{}"));
    assert(!strstr(read, "  "));
    for (const char *byte = read; *byte; byte++)
        assert((unsigned char)*byte >= 0x20 && *byte != 0x7F);
}

static void cut(const char *text, size_t max_bytes)
{
    size_t left = strlen(text);
    for (size_t bytes; (bytes = pieces_next(text, max_bytes)) > 0; text += bytes, left -= bytes) {
        assert(bytes <= max_bytes && bytes <= left);
        assert(text_utf8_is_valid(text, bytes));
    }
    assert(left == 0);
}

static void read_aloud(struct arena *arena, const char *lang, const char *text, size_t max_bytes)
{
    const char *read = reading_prepare(arena, lang, text);
    assert(strlen(read) <= READING_MAX_BYTES(strlen(text)));
    assert(text_utf8_is_valid(read, strlen(read)));
    check_read(read);
    cut(read, max_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 4 || size > 8192)
        return 0;
    AUTO(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    const char *text = arena_text_n(arena, (const char *)data + 3, size - 3);
    size_t max_bytes = PIECE_MIN + data[2];
    static const char *const langs[] = {"ru-RU", "en", "de", NULL};
    read_aloud(arena, langs[data[1] % ARRAY_LEN(langs)], text, max_bytes);

    const struct spoken_options options = {.read_links = data[1] & 0x80};
    const char *spoken = spoken_prepare(arena, text, &options);
    if (!spoken)
        return 0;
    size_t voice_count;
    const struct voice *voices = voices_list(&voice_count);
    struct voice_part parts[VOICE_PARTS_MAX];
    size_t count = parts_divide(arena, &voices[data[0] % voice_count], spoken, parts);
    assert(count <= VOICE_PARTS_MAX);
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        assert(parts[i].voice && !voice_is_remote(parts[i].voice));
        assert(text_utf8_is_valid(parts[i].text, strlen(parts[i].text)));
        bytes += strlen(parts[i].text);
        read_aloud(arena, parts[i].voice->lang, parts[i].text, max_bytes);
    }
    assert(bytes <= 2 * strlen(spoken));
    return 0;
}
