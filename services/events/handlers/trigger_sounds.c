/* SPDX-License-Identifier: MIT */
#include "services/events/handlers/trigger_sounds.h"

#include "gen/media/messages.h"
#include "services/events/store/sound_claims.h"

enum status trigger_sounds_use(struct call *call, const char *user_id, const char *trigger_id,
                               const char *filename)
{
    const struct use_sound_request in = {
        .user_id = user_id, .trigger_id = trigger_id, .filename = filename};
    struct media_reply out;
    return media_use_sound(call, &in, &out);
}

static enum status tell(struct call *call, const struct sound_claim *claim)
{
    const char *filename = NULL;
    enum status status = sound_claims_truth(call, claim->trigger_id, &filename);
    if (status != STATUS_OK)
        return status;
    status = trigger_sounds_use(call, claim->user_id, claim->trigger_id, filename);
    if (status == STATUS_NOT_FOUND) /* a sound that is gone by now is used by nobody */
        status = trigger_sounds_use(call, claim->user_id, claim->trigger_id, NULL);
    if (status != STATUS_OK)
        return status;
    return sound_claims_delete(call, claim->trigger_id);
}

void trigger_sounds_settle(struct call *call, const char *user_id, const char *trigger_id)
{
    const char *detail = call->error; /* the caller's, which the question to media would replace */
    const struct sound_claim claim = {.trigger_id = trigger_id, .user_id = user_id};
    if (tell(call, &claim) != STATUS_OK)
        log_info(&call->log, "media is told later which sound a trigger plays",
                 LOG_TEXT("trigger_id", trigger_id));
    call->error = detail;
}

enum status trigger_sounds_tidy(struct call *call)
{
    struct list claims;
    enum status status = sound_claims_left(call, &claims);
    if (status != STATUS_OK)
        return status;
    const struct sound_claim *items = claims.items;
    for (size_t i = 0; i < claims.count && status == STATUS_OK; i++)
        status = tell(call, &items[i]);
    return status;
}
