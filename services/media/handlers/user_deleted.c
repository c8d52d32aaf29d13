/* SPDX-License-Identifier: MIT */
#include "services/media/handlers/user_deleted.h"

#include "gen/auth/messages.h"
#include "services/media/media.h"
#include "services/media/sounds/files.h"
#include "services/media/store/owners.h"

/* The rows go with the event's transaction; files that went before it failed are missed by nobody:
 * the event comes again. An upload that is under way finds its user erased. */
static enum status erase_sounds(struct call *call, const char *user_id, int64_t *ret_sounds)
{
    const struct media *media = call->app;
    enum status status = owners_erase(call, user_id, ret_sounds);
    if (status != STATUS_OK)
        return status;
    unsigned files = 0;
    status = files_erase(media->root, user_id, &files);
    return status == STATUS_OK ? status : call_fail(call, status, "files of sounds stay");
}

enum status handle_user_deleted(struct call *call, const void *event)
{
    const struct media *media = call->app;
    const struct user_deleted *in = event;
    unsigned files = 0;
    int64_t sounds = 0;
    enum status status = speech_erase(media->speech, in->user_id, &files);
    if (status != STATUS_OK)
        return status;
    status = erase_sounds(call, in->user_id, &sounds);
    if (status != STATUS_OK)
        return status;
    log_info(&call->log, "erased what was held of a user", LOG_TEXT("user_id", in->user_id),
             LOG_INT("files", files), LOG_INT("sounds", sounds));
    return STATUS_OK;
}

enum status erase_late_speech(struct call *call)
{
    const struct media *media = call->app;
    struct list ids;
    enum status status = owners_erased_lately(call, &ids);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < ids.count; i++) {
        unsigned files;
        status = speech_erase(media->speech, ((const char *const *)ids.items)[i], &files);
        if (status != STATUS_OK)
            return call_fail(call, status, "files of speech stay");
    }
    return STATUS_OK;
}
