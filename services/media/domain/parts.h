/* SPDX-License-Identifier: MIT */
/* Divides a text of several scripts among the voices that can read them.
 *
 * It matters for more than the sound: espeak-ng 1.51 reads freed memory when one text makes it
 * switch among several languages. English is the one that every voice may switch to. */
#pragma once

#include "lib/base/arena.h"
#include "services/media/domain/voices.h"

#include <stddef.h>

/* A stretch of a text for one voice: read it in the voice's language (reading.h), in pieces
 * (pieces.h). */
struct voice_part {
    const struct voice *voice; /* a local one */
    const char *text;
};

#define VOICE_PARTS_MAX 32

/* The main voice, voices_for_text's (of a remote voice, its local one's), gets what it can read and
 * what surrounds that; words in other scripts are for other voices. So Latin words in a Russian
 * text are read by an English voice of the same sex, but not single letters. A number stands with
 * the words before it; in a text of another script, Latin ones keep it when more of them follow: in
 * "мой iPhone 15" it is Russian. Letters that no voice can read are left out. The last of
 * VOICE_PARTS_MAX parts is the main voice's, with all that is left and that it gets through.
 * Returns how many there are; their texts are in the arena. */
size_t parts_divide(struct arena *arena, const struct voice *voice, const char *text,
                    struct voice_part ret_parts[static VOICE_PARTS_MAX]);
