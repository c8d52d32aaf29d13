/* SPDX-License-Identifier: MIT */
/* Sounds of the old API's clients, who sign in by ws_token. */
#include "gen/auth/messages.h"
#include "gen/media/api.h"
#include "services/media/handlers/sounds.h"
#include "services/media/sounds/format.h"

/* Whose token it is: auth's 401 is ours. */
static enum status find_owner(struct call *call, const char *token, const char **ret_user_id)
{
    const struct v1_user_request in = {.ws_token = token};
    struct v1_user_reply owner = {0};
    enum status status = auth_v1_user(call, &in, &owner);
    if (status == STATUS_OK)
        *ret_user_id = owner.user_id;
    return status;
}

/* The app asks for a name, and may leave the extension to the file. */
static struct filename choose_name(const char *sound_name, const char *file_name)
{
    struct filename name, of_file;
    filename_clean(sound_name, &name);
    filename_clean(file_name, &of_file);
    if (!format_is_in_name(name.text) && format_is_in_name(of_file.text))
        filename_append(&name, filename_extension(of_file.text));
    return name;
}

enum status handle_v1_upload_sound(struct call *call, const struct v1_upload_sound_request *in,
                                   struct v1_upload_sound_reply *out)
{
    struct upload upload = {
        .name = choose_name(in->sound_name, in->file.name),
        .needs_extension = true,
        .data = in->file.data,
    };
    enum status status = find_owner(call, in->ws_token, &upload.user_id);
    if (status != STATUS_OK)
        return status;
    status = sounds_upload(call, &upload, &out->sound_file);
    if (status == STATUS_UNAUTHENTICATED)
        return call_fail(call, status, "Invalid token");
    if (status != STATUS_OK)
        return status;
    out->status = "ok";
    out->sound_url = sounds_url(call, upload.user_id, out->sound_file);
    return STATUS_OK;
}

enum status handle_v1_list_sounds(struct call *call, const struct v1_list_sounds_request *in,
                                  struct sounds_reply *out)
{
    const char *user_id = NULL;
    enum status status = find_owner(call, in->ws_token, &user_id);
    if (status != STATUS_OK)
        return status;
    return sounds_reply_list(call, user_id, out);
}

enum status handle_v1_delete_sound(struct call *call, const struct v1_delete_sound_request *in,
                                   struct v1_media_reply *out)
{
    const char *user_id = NULL;
    enum status status = find_owner(call, in->ws_token, &user_id);
    if (status != STATUS_OK)
        return status;
    if (!filename_is_clean(in->filename))
        return call_fail(call, STATUS_BAD_REQUEST, "Invalid filename");
    status = sounds_remove(call, user_id, in->filename);
    if (status == STATUS_NOT_FOUND)
        return call_fail(call, status, "File not found");
    *out = (struct v1_media_reply){"ok", "Sound deleted"};
    return status;
}
