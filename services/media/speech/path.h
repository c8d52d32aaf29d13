/* SPDX-License-Identifier: MIT */
/* Where speech lies below the media root: "tts/<user_id>/<id>.mp3", or "tts/<id>.mp3" when it
 * belongs to nobody. Both ids are UUIDs in lower case, so a path can hold nothing else. */
#pragma once

#include "lib/base/uuid.h"

#include <stdbool.h>

#define SPEECH_FOLDER "tts"
#define SPEECH_FOLDER_SIZE (sizeof(SPEECH_FOLDER "/") + UUID_SIZE)
#define SPEECH_PATH_SIZE (sizeof(SPEECH_FOLDER "/") + 2 * UUID_SIZE + sizeof(".mp3"))

struct speech_path {
    char text[SPEECH_PATH_SIZE];
};

/* "tts/<user_id>". */
struct speech_folder {
    char text[SPEECH_FOLDER_SIZE];
};

/* False when an id is no UUID. user_id may be NULL. */
MUST_CHECK bool speech_path_make(const char *user_id, const char *id, struct speech_path *ret_path);

/* False when user_id is no UUID. */
MUST_CHECK bool speech_folder_make(const char *user_id, struct speech_folder *ret_folder);

/* Whether path, of any speech, lies in the folder. */
bool speech_folder_holds(const struct speech_folder *folder, const char *path);

/* Whether text is such a path, in its one spelling. */
bool speech_path_is(const char *text);

/* The time that the id in such a path, or in its last component, tells. False when it tells none
 * (it is not of version 7) or one more than a minute ahead of now, which can't be right. */
MUST_CHECK bool speech_path_time_ms(const char *path, int64_t now_ms, int64_t *ret_time_ms);
