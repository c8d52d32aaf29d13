/* SPDX-License-Identifier: MIT */
#include "services/media/handlers/user_deleted.h"

#include "gen/auth/messages.h"
#include "services/media/speech/speech.h"

enum status handle_user_deleted(struct call *call, const void *event)
{
    struct speech *const *speech = call->app;
    const struct user_deleted *in = event;
    unsigned files = 0;
    enum status status = speech_erase(*speech, in->user_id, &files);
    if (status != STATUS_OK)
        return status;
    log_info(&call->log, "erased what was held of a user", LOG_TEXT("user_id", in->user_id),
             LOG_INT("files", files));
    return STATUS_OK;
}
