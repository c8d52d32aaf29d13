/* SPDX-License-Identifier: MIT */
#include "services/media/speech/cache.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "services/media/speech/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <unistd.h>

struct cache_path {
    char text[sizeof(SPEECH_CACHE_FOLDER "/00/.mp3") + SPEECH_KEY_SIZE];
};

/* ---- keys ---- */

/* With its NUL, so that what follows can't be mistaken for a part of it. NULL is as empty. */
static void hash_text(struct sha256_ctx *context, const char *text)
{
    text = text ? text : "";
    sha256_update(context, strlen(text) + 1, (const uint8_t *)text);
}

void speech_key_make(const struct voice *voice, const char *server, const char *text,
                     struct speech_key *ret_key)
{
    char numbers[64];
    snprintf(numbers, sizeof(numbers), "%d %u %u", (int)voice->sex, voice->speed_wpm, voice->pitch);
    const char *const parts[] = {
        TTB_VERSION,   voice->engine, server,  voice->espeak,
        voice->remote, voice->lang,   numbers, text,
    };
    struct sha256_ctx context;
    sha256_init(&context);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        hash_text(&context, parts[i]);
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(&context, sizeof(digest), digest);
    text_hex(digest, sizeof(digest), ret_key->hex);
}

/* ---- files ---- */

static struct cache_path path_of(const struct speech_key *key)
{
    struct cache_path path;
    snprintf(path.text, sizeof(path.text), SPEECH_CACHE_FOLDER "/%.2s/%s.mp3", key->hex,
             key->hex + 2);
    return path;
}

/* What it was made at stays. */
static void mark_used(int root, const struct cache_path *path)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_OMIT}};
    utimensat(root, path->text, times, AT_SYMLINK_NOFOLLOW);
}

bool speech_cache_has(int root, const struct speech_key *key)
{
    struct cache_path path = path_of(key);
    mark_used(root, &path);
    return faccessat(root, path.text, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Of a file whose name does not tell its age the sweeper asks the file itself: it needs one of its
 * own. */
static bool may_link(const struct speech_path *path)
{
    int64_t time_ms;
    return speech_path_time_ms(path->text, clock_wall_ms(), &time_ms);
}

static bool give(int root, const char *from, const struct speech_path *path)
{
    int refused = may_link(path) ? speech_disk_link(root, from, path->text) : EPERM;
    if (refused == 0)
        return true;
    if (refused == ENOENT || speech_disk_copy(root, from, path->text) != STATUS_OK)
        return false;
    if (refused == EMLINK) /* the copy is the one to be linked from now on */
        (void)!speech_disk_link(root, path->text, from);
    return true;
}

bool speech_cache_take(int root, const struct speech_key *key, const struct speech_path *path)
{
    struct cache_path from = path_of(key);
    if (!give(root, from.text, path))
        return false;
    mark_used(root, &from);
    return true;
}

enum status speech_cache_put(int root, const struct speech_key *key, struct slice audio)
{
    return speech_disk_write(root, path_of(key).text, audio);
}
