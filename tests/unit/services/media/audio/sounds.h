/* SPDX-License-Identifier: MIT */
/* Sound files that ffmpeg and sox make in a temporary folder, so that none of our code judges
 * itself. */
#pragma once

#include "lib/base/buffer.h"
#include "tests/support/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SOUND_BYTES_MAX (16u * 1024 * 1024)
#define FFMPEG "ffmpeg -nostdin -v error -y "
#define NOISE(seconds) "-f lavfi -i anoisesrc=d=" seconds ":c=pink:r=44100:a=0.3:s=7 "
#define TONE(seconds) "-f lavfi -i sine=f=440:r=44100:d=" seconds " "

#define AUTO_SOUND(name) AUTO_BUFFER(name, SOUND_BYTES_MAX)

static char sounds_folder[] = "/tmp/ttb-sounds-XXXXXX";

static inline int sounds_set_up(void **state)
{
    (void)state;
    return mkdtemp(sounds_folder) ? 0 : -1;
}

static inline int sounds_tear_down(void **state)
{
    (void)state;
    return folder_remove(sounds_folder);
}

/* Runs a shell command in the folder, where it must succeed. */
static inline void sounds_run(const char *command)
{
    char line[1024];
    snprintf(line, sizeof(line), "cd %s && %s", sounds_folder, command);
    if (system(line) != 0)
        fail_msg("failed: %s", line);
}

static inline FILE *sounds_open(const char *name, const char *mode)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", sounds_folder, name);
    FILE *file = fopen(path, mode);
    assert_non_null(file);
    return file;
}

static inline void sounds_load(const char *name, struct buffer *bytes)
{
    FILE *file = sounds_open(name, "rb");
    char part[4096];
    buffer_clear(bytes);
    for (size_t got = 1; got > 0;) {
        got = fread(part, 1, sizeof(part), file);
        buffer_add(bytes, part, got);
    }
    fclose(file);
    assert_false(bytes->overflowed);
    assert_true(bytes->size > 0);
}

static inline void sounds_save(const char *name, struct slice bytes)
{
    FILE *file = sounds_open(name, "wb");
    assert_int_equal(fwrite(bytes.data, 1, bytes.size, file), bytes.size);
    fclose(file);
}

/* What ffmpeg makes with these arguments, the last being the file's name. */
static inline void sounds_make(const char *arguments, struct buffer *bytes)
{
    char command[900];
    snprintf(command, sizeof(command), FFMPEG "%s", arguments);
    sounds_run(command);
    sounds_load(strrchr(arguments, ' ') + 1, bytes);
}

/* The number behind the last of these words in a text. */
static inline double sounds_number_after(const char *text, const char *word)
{
    const char *found = NULL;
    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
        found = at;
    assert_non_null(found);
    return strtod(found + strlen(word), NULL);
}

/* By ffmpeg's own filter. */
static inline void sounds_measure(struct slice bytes, double *ret_lufs, double *ret_peak_dbtp)
{
    sounds_save("measured", bytes);
    sounds_run("ffmpeg -nostdin -nostats -hide_banner -i measured -af ebur128=peak=true -f null - "
               "2>report");
    AUTO_BUFFER(report, 1 << 20);
    sounds_load("report", &report);
    *ret_lufs = sounds_number_after(buffer_text(&report), "I:");
    *ret_peak_dbtp = sounds_number_after(buffer_text(&report), "Peak:");
}

/* Seconds of sound, decoded by ffmpeg. */
static inline double sounds_seconds(struct slice bytes)
{
    sounds_save("measured", bytes);
    sounds_run(FFMPEG "-i measured -ac 1 -ar 48000 -f s16le raw");
    FILE *raw = sounds_open("raw", "rb");
    fseek(raw, 0, SEEK_END);
    double seconds = (double)ftell(raw) / sizeof(int16_t) / 48000;
    fclose(raw);
    return seconds;
}
