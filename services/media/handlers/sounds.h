/* SPDX-License-Identifier: MIT */
/* What the handlers of sounds, of the old API and of the new one, do alike. */
#pragma once

#include "gen/media/messages.h"
#include "lib/api/call.h"
#include "services/media/domain/filename.h"

struct upload {
    const char *user_id;
    struct filename name; /* wished for */
    bool needs_extension; /* the name gets the format's, unless it ends like a sound's */
    struct slice data;
};

/* Examines and stores a sound, and gives its name. STATUS_UNAUTHENTICATED, without a text, when the
 * user is erased; other refusals have their text. */
MUST_CHECK enum status sounds_upload(struct call *call, const struct upload *upload,
                                     const char **ret_filename);

MUST_CHECK enum status sounds_reply_list(struct call *call, const char *user_id,
                                         struct sounds_reply *out);

/* STATUS_NOT_FOUND without a text. */
MUST_CHECK enum status sounds_remove(struct call *call, const char *user_id, const char *filename);

/* Where the file is served. */
const char *sounds_url(struct call *call, const char *user_id, const char *filename);
