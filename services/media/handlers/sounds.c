/* SPDX-License-Identifier: MIT */
#include "services/media/handlers/sounds.h"

#include "lib/base/text.h"
#include "services/media/media.h"
#include "services/media/sounds/examine.h"
#include "services/media/sounds/format.h"
#include "services/media/sounds/leveller.h"
#include "services/media/sounds/library.h"

#define LEVELLING_WAIT_MS 500

static struct library library_of(const struct call *call)
{
    const struct media *media = call->app;
    return (struct library){
        .root = media->root,
        .sounds_max = media->config->sounds_per_user,
        .bytes_max = media->config->sound_bytes_per_user,
    };
}

/* ---- uploading ---- */

/* A refusal for what the file is was counted when it was found. */
static void count(const struct call *call, enum status status)
{
    const struct sound_counts *counts = &((const struct media *)call->app)->sound_counts;
    if (status == STATUS_OK)
        metric_add(counts->stored, 1);
    else if (status == STATUS_CONFLICT)
        metric_add(counts->refused[SOUND_NO_ROOM], 1);
    else if (status == STATUS_NO_SPACE)
        metric_add(counts->refused[SOUND_DISK_FULL], 1);
    else if (status != STATUS_BAD_REQUEST)
        metric_add(counts->refused[SOUND_FAILED], 1);
}

static enum status store(struct call *call, const struct upload *upload,
                         const struct audio_measure *measure, struct filename *ret_name)
{
    struct library library = library_of(call);
    enum audio_format format = (enum audio_format)measure->format;
    struct new_sound sound = {
        .name = upload->name,
        .file = upload->data,
        .about = {.duration_ms = measure->duration_ms, .format = audio_format_name(format)},
    };
    if (upload->needs_extension && !format_is_in_name(sound.name.text))
        filename_append(&sound.name, format_extension(format));
    return library_add(&library, call, upload->user_id, &sound, ret_name);
}

static enum status examine_and_store(struct call *call, const struct upload *upload,
                                     struct filename *ret_name)
{
    struct audio_measure measure;
    enum status status = sound_examine(call, upload->data, &measure);
    if (status != STATUS_OK)
        return status;
    status = store(call, upload, &measure, ret_name);
    if (status == STATUS_OK)
        leveller_tell(((const struct media *)call->app)->leveller, LEVELLING_WAIT_MS);
    return status;
}

enum status sounds_upload(struct call *call, const struct upload *upload, const char **ret_filename)
{
    struct filename name;
    enum status status = examine_and_store(call, upload, &name);
    count(call, status);
    if (status == STATUS_OK)
        *ret_filename = arena_text(call->arena, name.text);
    return status;
}

/* ---- listing and removing ---- */

const char *sounds_url(struct call *call, const char *user_id, const char *filename)
{
    const char *base = ((const struct media *)call->app)->config->media_base_url;
    return arena_printf(call->arena, "%.*s/static/" SOUNDS_FOLDER "/%s/%s",
                        (int)text_length_less(base, '/'), base, user_id, filename);
}

enum status sounds_reply_list(struct call *call, const char *user_id, struct sounds_reply *out)
{
    struct list names;
    enum status status = sounds_list(call, user_id, &names);
    if (status != STATUS_OK)
        return status;
    const char *const *filenames = names.items;
    struct sound_item *items = ARENA_ARRAY(call->arena, struct sound_item, names.count);
    for (size_t i = 0; i < names.count; i++)
        items[i] = (struct sound_item){filenames[i], sounds_url(call, user_id, filenames[i])};
    out->sounds = (struct list){.items = items, .count = names.count};
    return STATUS_OK;
}

enum status sounds_remove(struct call *call, const char *user_id, const char *filename)
{
    struct library library = library_of(call);
    enum status status = library_delete(&library, call, user_id, filename);
    if (status == STATUS_CONFLICT)
        return call_fail(call, status, "sound is used by a trigger");
    return status;
}
