/* SPDX-License-Identifier: MIT */
/* Triggers for clients of the old API, which know them by event and condition. */
#include "gen/events/api.h"
#include "services/events/handlers/trigger_changes.h"
#include "services/events/handlers/v1_caller.h"
#include "services/events/store/triggers.h"

enum status handle_v1_set_trigger(struct call *call, const struct v1_set_trigger_request *in,
                                  struct events_reply *out)
{
    const char *user_id = NULL;
    enum status status = v1_caller_find(call, in->ws_token, &user_id);
    if (status != STATUS_OK)
        return status;
    const struct set_trigger_request trigger = {
        .event_type = in->event_type,
        .condition_key = in->condition_key,
        .condition_value = in->condition_value,
        .enabled = in->enabled,
        .priority = in->priority,
        .action = in->action,
        .text_template = in->text_template,
        .sound_filename = in->sound_filename,
        .trigger_name = in->trigger_name,
        .combo_count = in->combo_count,
        .cooldown_seconds = in->cooldown_seconds,
        .user_cooldown_seconds = in->user_cooldown_seconds,
        .once_per_stream = in->once_per_stream,
        .min_diamonds = in->min_diamonds,
    };
    out->status = "ok";
    return trigger_put(call, user_id, &trigger);
}

enum status handle_v1_delete_trigger(struct call *call, const struct v1_delete_trigger_request *in,
                                     struct events_reply *out)
{
    const char *user_id = NULL;
    enum status status = v1_caller_find(call, in->ws_token, &user_id);
    if (status != STATUS_OK)
        return status;
    const struct trigger_key key = {.event_type = in->event_type,
                                    .condition_key = in->condition_key,
                                    .condition_value = in->condition_value};
    out->status = "ok";
    return trigger_remove_by_key(call, user_id, &key, "Trigger not found");
}

enum status handle_v1_list_triggers(struct call *call, const struct v1_list_triggers_request *in,
                                    struct v1_triggers_reply *out)
{
    const char *user_id = NULL;
    enum status status = v1_caller_find(call, in->ws_token, &user_id);
    if (status != STATUS_OK)
        return status;
    out->status = "ok";
    return triggers_list(call, user_id, &out->triggers);
}

enum status handle_v1_triggers_meta(struct call *call, const struct v1_triggers_meta_request *in,
                                    struct v1_triggers_meta_reply *out)
{
    (void)in;
    static const char *const actions[] = {"play_sound", "tts"};
    const char **events = ARENA_ARRAY(call->arena, const char *, TRIGGER_EVENTS);
    const char **conditions = ARENA_ARRAY(call->arena, const char *, TRIGGER_CONDITIONS);
    for (int i = 0; i < TRIGGER_EVENTS; i++)
        events[i] = trigger_event_name((enum trigger_event)i);
    for (int i = 0; i < TRIGGER_CONDITIONS; i++)
        conditions[i] = trigger_condition_name((enum trigger_condition)i);
    *out = (struct v1_triggers_meta_reply){
        .status = "ok",
        .event_types = {events, TRIGGER_EVENTS},
        .action_types = {actions, ARRAY_LEN(actions)},
        .condition_keys = {conditions, TRIGGER_CONDITIONS},
    };
    return STATUS_OK;
}
