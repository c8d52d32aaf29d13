/* SPDX-License-Identifier: MIT */
/* Sounds of signed-in users, and of their triggers. */
#include "gen/auth/messages.h"
#include "gen/media/api.h"
#include "services/media/handlers/sounds.h"
#include "services/media/sounds/library.h"

/* A token outlives its user's account, and a ban, by a moment: what stores something asks. */
enum status handle_upload_sound(struct call *call, const struct upload_sound_request *in,
                                struct upload_sound_reply *out)
{
    const struct user_rights_request nothing = {0};
    struct user_rights_reply rights = {0};
    enum status status = auth_user_rights(call, &nothing, &rights);
    if (status != STATUS_OK)
        return status;

    struct upload upload = {.user_id = call->caller.user_id, .data = in->file.data};
    filename_clean(in->file.name, &upload.name);
    status = sounds_upload(call, &upload, &out->filename);
    if (status == STATUS_UNAUTHENTICATED)
        return call_fail(call, status, "user not found");
    if (status != STATUS_OK)
        return status;
    out->status = "ok";
    out->url = sounds_url(call, upload.user_id, out->filename);
    return STATUS_OK;
}

enum status handle_list_sounds(struct call *call, const struct list_sounds_request *in,
                               struct sounds_reply *out)
{
    (void)in;
    return sounds_reply_list(call, call->caller.user_id, out);
}

enum status handle_delete_sound(struct call *call, const struct delete_sound_request *in,
                                struct media_reply *out)
{
    enum status status = sounds_remove(call, call->caller.user_id, in->filename);
    if (status == STATUS_NOT_FOUND)
        return call_fail(call, status, "sound file not found");
    out->status = "ok";
    return status;
}

enum status handle_use_sound(struct call *call, const struct use_sound_request *in,
                             struct media_reply *out)
{
    enum status status = library_use(call, in->user_id, in->trigger_id, in->filename);
    if (status == STATUS_NOT_FOUND)
        return call_fail(call, status, "sound file not found");
    out->status = "ok";
    return status;
}
