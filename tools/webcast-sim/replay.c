/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/replay.h"

#include "gen/webcast.pb-c.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "tools/webcast-sim/wire.h"

#include <glob.h>
#include <limits.h>

#define REPLAY_FILE_MAX_BYTES (1 << 20)
#define REPLAY_FILES_MAX 20000

struct recording {
    char *method;
    char *file; /* its name, which orders the recordings of all methods */
    struct slice payload;
};

struct replay {
    struct recording *recordings;
    size_t count;
};

AUTO_DEFINE(FILE *, fclose)

static bool file_read(const char *path, struct slice *ret_content)
{
    AUTO(fclose) FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    char *data = malloc(REPLAY_FILE_MAX_BYTES + 1);
    if (!data)
        abort();
    size_t size = fread(data, 1, REPLAY_FILE_MAX_BYTES + 1, file);
    if (ferror(file) || size > REPLAY_FILE_MAX_BYTES) {
        free(data);
        return false;
    }
    *ret_content = (struct slice){realloc(data, size + 1), size};
    return true;
}

/* path is folder/method/file. */
static bool recording_read(const char *path, struct recording *ret_recording)
{
    const char *file = strrchr(path, '/') + 1;
    const char *method = file - 1;
    while (method > path && method[-1] != '/')
        method--;
    struct slice payload;
    if (!file_read(path, &payload))
        return false;
    *ret_recording = (struct recording){
        .method = strndup(method, (size_t)(file - 1 - method)),
        .file = strdup(file),
        .payload = payload,
    };
    return true;
}

static int recording_compare(const void *left, const void *right)
{
    const struct recording *a = left, *b = right;
    int order = strcmp(a->file, b->file);
    return order ? order : strcmp(a->method, b->method);
}

static void recordings_read(struct replay *replay, char *const *paths, size_t count)
{
    for (size_t i = 0; i < count && replay->count < REPLAY_FILES_MAX; i++) {
        if (strstr(paths[i], "/WebcastControlMessage/"))
            continue;
        if (!recording_read(paths[i], &replay->recordings[replay->count]))
            log_warning(NULL, "recorded payload left out", LOG_TEXT("file", paths[i]));
        else
            replay->count++;
    }
    qsort(replay->recordings, replay->count, sizeof(*replay->recordings), recording_compare);
}

struct replay *replay_open(const char *folder)
{
    char pattern[PATH_MAX];
    glob_t found = {0};
    snprintf(pattern, sizeof(pattern), "%s/*/*.pb", folder);
    if (glob(pattern, 0, NULL, &found) != 0) {
        log_error(NULL, "no recorded payloads", LOG_TEXT("pattern", pattern));
        return NULL;
    }
    struct replay *replay = calloc(1, sizeof(*replay));
    if (!replay || !(replay->recordings = calloc(found.gl_pathc, sizeof(*replay->recordings))))
        abort();
    recordings_read(replay, found.gl_pathv, found.gl_pathc);
    globfree(&found);
    if (replay->count > 0)
        return replay;
    log_error(NULL, "no readable payload", LOG_TEXT("pattern", pattern));
    replay_close(replay);
    return NULL;
}

/* Any event type would do: they all begin with the common part. */
static struct slice common_part(struct arena *arena, const struct event_stamp *stamp)
{
    Webcast__WebcastGoalUpdateMessage carrier = WEBCAST__WEBCAST_GOAL_UPDATE_MESSAGE__INIT;
    Webcast__Common common = WEBCAST__COMMON__INIT;
    common.msg_id = stamp->msg_id;
    common.room_id = stamp->room_id;
    common.create_time = stamp->now_ms;
    carrier.common = &common;
    return wire_pack(arena, &carrier.base);
}

void replay_next(const struct replay *replay, size_t *position, struct arena *arena,
                 const struct event_stamp *stamp, struct message *ret_message)
{
    const struct recording *recording = &replay->recordings[*position % replay->count];
    *position = (*position + 1) % replay->count;

    struct slice common = common_part(arena, stamp);
    char *payload = arena_alloc(arena, recording->payload.size + common.size);
    memcpy(payload, recording->payload.data, recording->payload.size);
    memcpy(payload + recording->payload.size, common.data, common.size);
    *ret_message = (struct message){
        .method = recording->method,
        .payload = {payload, recording->payload.size + common.size},
        .msg_id = stamp->msg_id,
        .kind = event_kind_of_method(recording->method),
    };
}

void replay_close(struct replay *replay)
{
    if (!replay)
        return;
    for (size_t i = 0; i < replay->count; i++) {
        free(replay->recordings[i].method);
        free(replay->recordings[i].file);
        free((void *)replay->recordings[i].payload.data);
    }
    free(replay->recordings);
    free(replay);
}
