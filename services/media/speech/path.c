/* SPDX-License-Identifier: MIT */
#include "services/media/speech/path.h"

#include "lib/base/text.h"

#define AHEAD_MS 60000 /* how far another machine's clock may be */

bool speech_path_make(const char *user_id, const char *id, struct speech_path *ret_path)
{
    struct uuid user = {""};
    struct uuid speech;
    if (!uuid_parse(id, &speech) || (user_id && !uuid_parse(user_id, &user)))
        return false;
    snprintf(ret_path->text, sizeof(ret_path->text), SPEECH_FOLDER "/%s%s%s.mp3", user.text,
             user_id ? "/" : "", speech.text);
    return true;
}

bool speech_folder_make(const char *user_id, struct speech_folder *ret_folder)
{
    struct uuid user;
    if (!uuid_parse(user_id, &user))
        return false;
    snprintf(ret_folder->text, sizeof(ret_folder->text), SPEECH_FOLDER "/%s", user.text);
    return true;
}

bool speech_folder_holds(const struct speech_folder *folder, const char *path)
{
    return text_starts_with(path, folder->text) && path[strlen(folder->text)] == '/';
}

/* Takes a UUID off text. NULL when there is none. */
static const char *skip_uuid(const char *text)
{
    struct uuid read;
    struct uuid uuid;
    snprintf(read.text, sizeof(read.text), "%s", text);
    if (!uuid_parse(read.text, &uuid) || !text_equal(read.text, uuid.text))
        return NULL;
    return text + UUID_SIZE - 1;
}

bool speech_path_is(const char *text)
{
    if (!text_starts_with(text, SPEECH_FOLDER "/"))
        return false;
    const char *rest = skip_uuid(text + strlen(SPEECH_FOLDER "/"));
    if (rest && *rest == '/')
        rest = skip_uuid(rest + 1);
    return rest && text_equal(rest, ".mp3");
}

bool speech_path_time_ms(const char *path, int64_t now_ms, int64_t *ret_time_ms)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *rest = skip_uuid(name);
    int64_t time_ms;
    if (!rest || !text_equal(rest, ".mp3") || !uuid_time_ms(name, &time_ms))
        return false;
    if (time_ms > now_ms + AHEAD_MS)
        return false;
    *ret_time_ms = time_ms;
    return true;
}
