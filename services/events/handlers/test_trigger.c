/* SPDX-License-Identifier: MIT */
#include "gen/auth/messages.h"
#include "gen/events/api.h"
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "services/events/domain/made_up.h"
#include "services/events/live/follower.h"
#include "services/events/store/triggers.h"

#define EVENT_MAX_BYTES ((size_t)64 * 1024)

AUTO_DEFINE(struct profile *, profile_free)

/* ---- what is to be shown ---- */

static enum status load_profile(struct call *call, struct profile **ret_profile)
{
    const struct live_settings_request in = {.user_id = call->caller.user_id};
    struct live_settings_reply settings;
    enum status status = auth_live_settings(call, &in, &settings);
    if (status != STATUS_OK)
        return status;
    struct trigger *triggers = NULL;
    size_t count = 0;
    AUTO(profile_free) struct profile *profile = profile_new(&settings);
    status = triggers_load(call->db, call->caller.user_id, profile->arena, &triggers, &count);
    if (status != STATUS_OK)
        return status;
    profile_set_triggers(profile, triggers, count);
    *ret_profile = TAKE(profile);
    return STATUS_OK;
}

static const struct trigger *find_trigger(const struct profile *profile, const char *id)
{
    struct uuid wanted;
    for (size_t i = 0; uuid_parse(id, &wanted) && i < profile->trigger_count; i++) {
        if (text_equal(profile->triggers[i].id, wanted.text))
            return &profile->triggers[i];
    }
    return NULL;
}

static struct made_up made_up_of(const struct test_event *event)
{
    struct made_up made_up = {
        .user = event->user,
        .username = event->username,
        .message = event->message,
        .gift_name = event->gift_name,
        .count = event->count,
        .diamonds = event->diamonds,
    };
    bool is_known = trigger_event_parse(event->type, &made_up.event);
    (void)is_known; /* an enumeration of the contract */
    if (event->gift_id && !text_parse_int(event->gift_id, 1, INT64_MAX, &made_up.gift_id))
        made_up.gift_id = 0;
    return made_up;
}

/* ---- sending it ---- */

static void write_event(const struct event_envelope *envelope, const struct made_up_event *made_up,
                        struct buffer *json)
{
    bool is_written = true;
    if (made_up->occasion.event == TRIGGER_GIFT)
        event_json_gift(envelope, &made_up->step, json);
    else if (made_up->occasion.event == TRIGGER_VIEWER_FIRST_MESSAGE)
        event_json_first_message(envelope, &made_up->event, json);
    else
        is_written = event_json_write(envelope, &made_up->event, json);
    (void)is_written; /* all that triggers wait for are written */
}

static void send(struct call *call, const struct profile *profile,
                 const struct made_up_event *made_up, const struct reaction *reaction)
{
    struct follower *const *follower = call->app;
    struct publisher *publisher = follower_publisher(*follower);
    AUTO_BUFFER(json, EVENT_MAX_BYTES);
    struct uuid id;
    uuid_make(&id);
    struct event_envelope envelope = {.id = id.text,
                                      .seq = publisher_next_seq(publisher),
                                      .wall_ms = call->now_ms,
                                      .is_test = true};
    reactor_play(follower_reactor(*follower), call->arena, call->caller.user_id,
                 profile->hearing.voice_id, reaction, &envelope);
    write_event(&envelope, made_up, &json);
    publisher_send(publisher, call->caller.user_id, id.text, buffer_slice(&json));
}

enum status handle_test_trigger(struct call *call, const struct test_trigger_request *in,
                                struct events_reply *out)
{
    if (!in->id && !in->has_event)
        return call_fail(call, STATUS_BAD_REQUEST, "id or event required");
    AUTO(profile_free) struct profile *profile = NULL;
    enum status status = load_profile(call, &profile);
    if (status != STATUS_OK)
        return status;
    const struct trigger *trigger = in->id ? find_trigger(profile, in->id) : NULL;
    if (in->id && !trigger)
        return call_fail(call, STATUS_NOT_FOUND, "not found");

    struct made_up_event made_up;
    const struct made_up wanted = trigger ? made_up_for(trigger) : made_up_of(&in->event);
    made_up_fill(call->arena, &wanted, &made_up);
    const struct reaction_rules rules = {&profile->hearing, profile->triggers,
                                         profile->trigger_count, NULL};
    struct reaction reaction =
        trigger ? reaction_of_trigger(&profile->hearing, call->arena, trigger, &made_up.occasion)
                : reaction_decide(&rules, call->arena, &made_up.occasion, call->now_ms);
    send(call, profile, &made_up, &reaction);
    out->status = "ok";
    return STATUS_OK;
}
