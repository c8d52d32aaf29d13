/* SPDX-License-Identifier: MIT */
/* Any text becomes nothing, or valid UTF-8 of at most max_chars code points that a second pass
 * leaves valid. */
#include "lib/base/spoken.h"
#include "lib/base/text.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 16384)
        return 0;
    struct spoken_options options = {.read_links = data[0] & 1, .max_chars = data[1]};
    AUTO(arena_free) struct arena *arena = arena_new(1024 * 1024);
    const char *text = arena_text_n(arena, (const char *)data + 2, size - 2);

    const char *spoken = spoken_prepare(arena, text, &options);
    if (!spoken)
        return 0;
    assert(!text_is_blank(spoken));
    assert(strlen(spoken) <= strlen(text));
    assert(text_utf8_is_valid(spoken, strlen(spoken)));
    assert(options.max_chars == 0 || text_utf8_length(spoken) <= options.max_chars);
    return 0;
}
