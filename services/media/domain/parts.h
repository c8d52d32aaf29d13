/* SPDX-License-Identifier: MIT */
/* Divides a text of several scripts among the voices that can read them.
 *
 * It matters for more than the sound: espeak-ng 1.51 reads freed memory when one text makes it
 * switch among several languages. */
#pragma once

#include "lib/base/arena.h"
#include "services/media/domain/voices.h"

#include <stddef.h>

/* A stretch of a text that one voice can read all letters of. */
struct voice_part {
    const struct voice *voice;
    const char *text;
};

#define VOICE_PARTS_MAX 8

/* Most of the text is for voices_for_text's voice; words in scripts which that cannot read are for
 * others. Letters that no voice can read are left out, and so is what comes after VOICE_PARTS_MAX
 * parts. Returns how many there are; their texts are in the arena. */
size_t parts_divide(struct arena *arena, const struct voice *voice, const char *text,
                    struct voice_part ret_parts[static VOICE_PARTS_MAX]);
