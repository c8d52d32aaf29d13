/* SPDX-License-Identifier: MIT */
/* The old API's sounds of gifts and of viewers: triggers that play a sound for a gift of a name,
 * and for a viewer who comes. So whatever is set in one API works in the other. */
#include "gen/auth/messages.h"
#include "gen/events/api.h"
#include "lib/base/text.h"
#include "services/events/domain/folded.h"
#include "services/events/handlers/trigger_changes.h"
#include "services/events/handlers/v1_caller.h"
#include "services/events/store/triggers.h"

/* What an old client calls such a sound's trigger. */
struct kind {
    const char *event_type;
    const char *condition_key;
    enum trigger_condition condition;
    const char *no_name; /* a name of which nothing is left would stand for all */
};

static const struct kind gift_sound = {"gift", "gift_name", TRIGGER_IF_GIFT_NAME,
                                       "gift_name is required"};
static const struct kind viewer_sound = {"viewer_join", "username", TRIGGER_IF_USERNAME,
                                         "viewer_username is required"};

/* ---- reading ---- */

static bool is_of(const struct trigger_item *trigger, const struct kind *kind)
{
    return text_equal(trigger->event_type, kind->event_type) &&
           text_equal(trigger->condition_key, kind->condition_key) &&
           text_equal(trigger->action, "play_sound") && !text_is_blank(trigger->condition_value);
}

static bool is_listed(const struct v1_gift_sound *sounds, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equal(sounds[i].gift_name, name))
            return true;
    }
    return false;
}

/* Gifts' and viewers' sounds have the same form but for the name of the name. */
_Static_assert(sizeof(struct v1_gift_sound) == sizeof(struct v1_viewer_sound) &&
                   offsetof(struct v1_gift_sound, enabled) ==
                       offsetof(struct v1_viewer_sound, enabled),
               "one list serves both");

/* One of each name: the one that is tried first. */
static struct list list_kind(struct call *call, const struct list *triggers,
                             const struct kind *kind)
{
    const struct trigger_item *items = triggers->items;
    struct v1_gift_sound *sounds = ARENA_ARRAY(call->arena, struct v1_gift_sound, triggers->count);
    size_t count = 0;
    for (size_t i = 0; i < triggers->count; i++) {
        const struct trigger_item *trigger = &items[i];
        if (is_of(trigger, kind) && !is_listed(sounds, count, trigger->condition_value))
            sounds[count++] = (struct v1_gift_sound){
                trigger->condition_value, trigger->action_params.sound_filename, trigger->enabled};
    }
    return (struct list){sounds, count};
}

enum status handle_v1_list_event_sounds(struct call *call,
                                        const struct v1_list_event_sounds_request *in,
                                        struct v1_event_sounds_reply *out)
{
    const char *user_id = NULL;
    struct list triggers;
    enum status status = v1_caller_find(call, in->ws_token, &user_id);
    if (status == STATUS_OK)
        status = triggers_list(call, user_id, &triggers);
    if (status != STATUS_OK)
        return status;
    out->gift_sounds = list_kind(call, &triggers, &gift_sound);
    out->viewer_sounds = list_kind(call, &triggers, &viewer_sound);
    return STATUS_OK;
}

enum status handle_v1_get_profile(struct call *call, const struct v1_get_profile_request *in,
                                  struct v1_get_profile_reply *out)
{
    const struct v1_profile_request wanted = {.ws_token = in->ws_token};
    struct v1_profile_reply account = {0};
    struct list triggers;
    enum status status = auth_v1_profile(call, &wanted, &account);
    if (status == STATUS_OK)
        status = triggers_list(call, account.user_id, &triggers);
    if (status != STATUS_OK)
        return status;
    out->status = "ok";
    out->profile = (struct v1_shown_profile){
        .user_id = account.user_id,
        .tiktok_username = account.tiktok_username,
        .voice_id = account.voice_id,
        .tts_enabled = account.tts_enabled,
        .tts_volume = account.tts_volume,
        .gifts_enabled = account.gifts_enabled,
        .gifts_volume = account.gifts_volume,
        .gift_sounds = list_kind(call, &triggers, &gift_sound),
        .viewer_sounds = list_kind(call, &triggers, &viewer_sound),
        .created_at = account.created_at,
        .updated_at = account.updated_at,
    };
    return STATUS_OK;
}

/* ---- setting and deleting ---- */

struct event_sound {
    const char *ws_token;
    const char *name; /* of the gift or the viewer */
    const char *file;
    bool enabled;
};

static enum status set_sound(struct call *call, const struct kind *kind,
                             const struct event_sound *sound)
{
    const char *user_id = NULL;
    enum status status = v1_caller_find(call, sound->ws_token, &user_id);
    if (status != STATUS_OK)
        return status;
    if (!trigger_value(call->arena, kind->condition, sound->name))
        return call_fail(call, STATUS_BAD_REQUEST, kind->no_name);
    const struct set_trigger_request trigger = {
        .event_type = kind->event_type,
        .condition_key = kind->condition_key,
        .condition_value = sound->name,
        .enabled = sound->enabled,
        .action = "play_sound",
        .sound_filename = sound->file,
    };
    return trigger_put(call, user_id, &trigger);
}

static enum status remove_sound(struct call *call, const struct kind *kind,
                                const struct event_sound *sound, const char *not_found)
{
    const char *user_id = NULL;
    enum status status = v1_caller_find(call, sound->ws_token, &user_id);
    if (status != STATUS_OK)
        return status;
    const struct trigger_key key = {kind->event_type, kind->condition_key, sound->name,
                                    "play_sound"};
    return trigger_remove_by_key(call, user_id, &key, not_found);
}

enum status handle_v1_set_gift_sound(struct call *call, const struct v1_set_gift_sound_request *in,
                                     struct v1_events_reply *out)
{
    *out = (struct v1_events_reply){"ok", "Gift sound set"};
    return set_sound(
        call, &gift_sound,
        &(struct event_sound){in->ws_token, in->gift_name, in->sound_file, in->enabled});
}

enum status handle_v1_delete_gift_sound(struct call *call,
                                        const struct v1_delete_gift_sound_request *in,
                                        struct v1_events_reply *out)
{
    *out = (struct v1_events_reply){"ok", "Gift sound deleted"};
    return remove_sound(call, &gift_sound,
                        &(struct event_sound){.ws_token = in->ws_token, .name = in->gift_name},
                        "Gift sound not found");
}

enum status handle_v1_set_viewer_sound(struct call *call,
                                       const struct v1_set_viewer_sound_request *in,
                                       struct v1_events_reply *out)
{
    *out = (struct v1_events_reply){"ok", "Viewer sound set"};
    return set_sound(call, &viewer_sound,
                     &(struct event_sound){in->ws_token,
                                           folded_name(call->arena, in->viewer_username),
                                           in->sound_file, in->enabled});
}

enum status handle_v1_delete_viewer_sound(struct call *call,
                                          const struct v1_delete_viewer_sound_request *in,
                                          struct v1_events_reply *out)
{
    *out = (struct v1_events_reply){"ok", "Viewer sound deleted"};
    return remove_sound(
        call, &viewer_sound,
        &(struct event_sound){.ws_token = in->ws_token,
                              .name = folded_name(call->arena, in->viewer_username)},
        "Viewer sound not found");
}
