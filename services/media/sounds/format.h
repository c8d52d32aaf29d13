/* SPDX-License-Identifier: MIT */
/* Which formats of sound go by which file extensions: a client that saves a sound goes by that. */
#pragma once

#include "lib/base/buffer.h"
#include "services/media/audio/wire.h"

#include <stdbool.h>

/* Whether the name ends like a sound's. */
bool format_is_in_name(const char *filename);

/* ".mp3" */
const char *format_extension(enum audio_format format);

/* The format that a copy of the file should have to agree with its name; AUDIO_FORMAT_OF_FILE when
 * the name does not say. */
enum audio_format format_of_copy(const char *filename, struct slice file);
