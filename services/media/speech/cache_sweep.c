/* SPDX-License-Identifier: MIT */
#include "lib/base/clock.h"
#include "services/media/speech/cache.h"
#include "services/media/speech/disk.h"

#include <fcntl.h>
#include <unistd.h>

#define SHARDS 256
#define NAME_SIZE (SPEECH_KEY_SIZE - 1 - 2 + 4) /* 62 digits, ".mp3" */
#define MARGIN 16                               /* this part of the limit is freed at once */

/* How long something was not used, in steps: 8 an octave of milliseconds. */
#define OCTAVE_STEPS 8
#define AGES (OCTAVE_STEPS * 62)

struct sweep {
    int64_t now_ms;
    int64_t before_s;
    uint64_t bytes_of_age[AGES];
    unsigned age_min;     /* what was not used for as long, or longer, goes */
    uint64_t excess_left; /* of what is of age_min only as much */
    struct speech_cache_state *state;
};

/* What to do with a file of the cache. */
typedef void visit_fn(struct sweep *sweep, int folder, const char *name, const struct stat *info);

static unsigned age_of(const struct sweep *sweep, const struct stat *info)
{
    int64_t used_ms = info->st_atim.tv_sec * 1000 + info->st_atim.tv_nsec / 1000000;
    if (used_ms >= sweep->now_ms)
        return 0;
    uint64_t age_ms = (uint64_t)(sweep->now_ms - used_ms);
    if (age_ms < OCTAVE_STEPS)
        return (unsigned)age_ms;
    unsigned octave = 60 - (unsigned)__builtin_clzll(age_ms); /* 0 of 8..15 ms */
    return OCTAVE_STEPS * (octave + 1) + (unsigned)(age_ms >> octave) % OCTAVE_STEPS;
}

/* ---- looking through ---- */

static void visit_shard(struct sweep *sweep, DIR *shard, visit_fn *visit)
{
    int fd = dirfd(shard);
    for (struct dirent *entry = readdir(shard); entry; entry = readdir(shard)) {
        const char *name = entry->d_name;
        struct stat info;
        if (speech_disk_is_left_behind(fd, name, sweep->now_ms / 1000))
            unlinkat(fd, name, 0);
        else if (strlen(name) == NAME_SIZE && fstatat(fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
                 S_ISREG(info.st_mode))
            visit(sweep, fd, name, &info);
    }
}

static void visit_all(struct sweep *sweep, int root, visit_fn *visit)
{
    int cache = openat(root, SPEECH_CACHE_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (cache < 0)
        return;
    for (unsigned i = 0; i < SHARDS; i++) {
        char name[3];
        snprintf(name, sizeof(name), "%02x", i & 0xFF);
        AUTO(closedir) DIR *shard = speech_disk_open_folder(cache, name);
        if (shard)
            visit_shard(sweep, shard, visit);
    }
    close(cache);
}

/* ---- removing ---- */

static void expire_or_count(struct sweep *sweep, int folder, const char *name,
                            const struct stat *info)
{
    uint64_t bytes = (uint64_t)info->st_size;
    if (info->st_mtime < sweep->before_s && unlinkat(folder, name, 0) == 0) {
        sweep->state->expired++;
        return;
    }
    sweep->bytes_of_age[age_of(sweep, info)] += bytes;
    sweep->state->bytes += bytes;
    sweep->state->files++;
}

/* The ages that hold the excess, from the longest unused. */
static void choose_ages(struct sweep *sweep, uint64_t excess)
{
    unsigned age = AGES - 1;
    for (; age > 0 && sweep->bytes_of_age[age] < excess; age--)
        excess -= sweep->bytes_of_age[age];
    sweep->age_min = age;
    sweep->excess_left = excess;
}

static void lessen(uint64_t *number, uint64_t by)
{
    *number -= by < *number ? by : *number;
}

/* Others may have used, removed or added files since they were counted. */
static void evict(struct sweep *sweep, int folder, const char *name, const struct stat *info)
{
    unsigned age = age_of(sweep, info);
    if (age < sweep->age_min || (age == sweep->age_min && sweep->excess_left == 0))
        return;
    if (unlinkat(folder, name, 0) != 0)
        return;
    if (age == sweep->age_min)
        lessen(&sweep->excess_left, (uint64_t)info->st_size);
    lessen(&sweep->state->bytes, (uint64_t)info->st_size);
    lessen(&sweep->state->files, 1);
    sweep->state->evicted++;
}

void speech_cache_sweep(int root, int64_t before_s, uint64_t bytes_max,
                        struct speech_cache_state *ret_state)
{
    *ret_state = (struct speech_cache_state){0};
    struct sweep sweep = {.now_ms = clock_wall_ms(), .before_s = before_s, .state = ret_state};
    visit_all(&sweep, root, expire_or_count);
    if (ret_state->bytes <= bytes_max)
        return;
    choose_ages(&sweep, ret_state->bytes - (bytes_max - bytes_max / MARGIN));
    visit_all(&sweep, root, evict);
}
