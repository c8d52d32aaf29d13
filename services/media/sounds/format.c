/* SPDX-License-Identifier: MIT */
#include "services/media/sounds/format.h"

#include "lib/base/text.h"
#include "services/media/domain/filename.h"

#define OGG_CAPTURE "OggS" /* RFC 3533, section 6 */

/* The first of a format is the one that it gets. */
static const struct {
    const char *extension;
    enum audio_format format;
} formats[] = {
    {".mp3", AUDIO_MP3},        {".wav", AUDIO_WAV},       {".ogg", AUDIO_OGG_VORBIS},
    {".oga", AUDIO_OGG_VORBIS}, {".opus", AUDIO_OGG_OPUS}, {".m4a", AUDIO_M4A},
};

static enum audio_format find(const char *filename)
{
    const char *extension = filename_extension(filename);
    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        if (text_equal_fold(extension, formats[i].extension))
            return formats[i].format;
    return AUDIO_FORMAT_OF_FILE;
}

bool format_is_in_name(const char *filename)
{
    return find(filename) != AUDIO_FORMAT_OF_FILE;
}

const char *format_extension(enum audio_format format)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        if (formats[i].format == format)
            return formats[i].extension;
    return "";
}

static bool is_ogg(struct slice file)
{
    return file.size > strlen(OGG_CAPTURE) &&
           memcmp(file.data, OGG_CAPTURE, strlen(OGG_CAPTURE)) == 0;
}

/* ".ogg" goes for Opus as well as for Vorbis. */
enum audio_format format_of_copy(const char *filename, struct slice file)
{
    enum audio_format format = find(filename);
    return format == AUDIO_OGG_VORBIS && is_ogg(file) ? AUDIO_FORMAT_OF_FILE : format;
}
