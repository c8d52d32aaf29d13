/* SPDX-License-Identifier: MIT */
/* The control API of one room. */
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "tools/webcast-sim/control_event.h"
#include "tools/webcast-sim/control_parts.h"
#include "tools/webcast-sim/scenario.h"

#include <inttypes.h>

#define STALL_S 3600

static void reply_room(struct reply *reply, const struct room *room)
{
    struct json_writer json;
    reply_text(reply, 200, "application/json", "");
    json_init(&json, reply->body);
    control_write_room(&json, room);
}

/* What was sent: its id, and how many clients it went to. */
static void reply_sent(struct reply *reply, const struct room *room, int64_t msg_id)
{
    char id[24];
    struct json_writer json;
    snprintf(id, sizeof(id), "%" PRId64, msg_id);
    reply_text(reply, 200, "application/json", "");
    json_init(&json, reply->body);
    json_open(&json, '{');
    json_pair_text(&json, "msg_id", id);
    json_pair_int(&json, "clients", (int64_t)room_client_count(room));
    json_close(&json, '}');
}

void control_room_get(struct sim *sim, const struct request *request, struct reply *reply)
{
    const struct room *room = control_room_read(sim, request, reply);
    if (room)
        reply_room(reply, room);
}

/* "new", or an id in decimal. */
static bool room_id_set(struct sim *sim, struct room *room, const char *text)
{
    int64_t id = 0;
    if (!text_equal(text, "new") && !text_parse_int(text, 1, INT64_MAX, &id))
        return false;
    return rooms_change_id(&sim->rooms, room, id);
}

/* A mode for one room, where the body has it. */
static bool room_mode_set(const struct mode_name *names, int count, const json_t *body,
                          const char *key, struct mode *mode)
{
    const char *name = json_string_value(json_object_get(body, key));
    int choice;
    if (!json_object_get(body, key))
        return true;
    if (!name || !mode_parse(names, count, name, &choice))
        return false;
    *mode = (struct mode){.choice = choice, .left = control_int_of(body, "times", 0)};
    return true;
}

/* NULL when all was right. */
static const char *room_change(struct sim *sim, struct room *room, const json_t *body)
{
    const json_t *scenario = json_object_get(body, "scenario");
    const json_t *rate = json_object_get(body, "rate");
    const json_t *room_id = json_object_get(body, "room_id");
    int64_t status = control_int_of(body, "status", room->status);
    if (status < ROOM_LIVE || status > ROOM_ENDED)
        return "status must be 2, 3 or 4";
    room->status = (enum room_status)status;
    if (rate) {
        double value = json_number_value(rate);
        if (!json_is_number(rate) || !(value >= 0 && value <= ROOM_RATE_MAX))
            return "rate must be 0 to 20000";
        room->rate = value;
    }
    if (room_id &&
        (!json_is_string(room_id) || !room_id_set(sim, room, json_string_value(room_id))))
        return "room_id must be \"new\" or a free id as a string";
    if (!room_mode_set(sign_mode_names, SIGN_MODE_COUNT, body, "sign", &room->sign) ||
        !room_mode_set(pages_mode_names, PAGES_MODE_COUNT, body, "pages", &room->pages))
        return "no such mode";
    if (!scenario)
        return NULL;
    const struct scenario *found =
        json_is_string(scenario) ? scenario_find(json_string_value(scenario)) : NULL;
    if (!found)
        return "no such scenario";
    room_set_scenario(room, found, control_int_of(body, "times", 0));
    return NULL;
}

void control_delivered(struct sim *sim, const struct request *request, struct reply *reply)
{
    const struct room *room = control_room_read(sim, request, reply);
    if (!room)
        return;
    struct json_writer json;
    reply_text(reply, 200, "application/json", "");
    json_init(&json, reply->body);
    ledger_write(&room->ledger, request_arg_id(request, "from"), &json);
}

void control_room_set(struct sim *sim, const struct request *request, struct reply *reply)
{
    struct room *room = control_room_read(sim, request, reply);
    if (!room)
        return;
    AUTO(json_decref) json_t *body = control_body_read(request, reply);
    if (!body)
        return;
    const char *problem = room_change(sim, room, body);
    if (problem)
        reply_json_error(reply, 400, problem);
    else
        reply_room(reply, room);
}

void control_event(struct sim *sim, const struct request *request, struct reply *reply)
{
    struct room *room = control_room_read(sim, request, reply);
    if (!room)
        return;
    AUTO(json_decref) json_t *body = control_body_read(request, reply);
    if (!body)
        return;
    struct event event;
    const char *problem = control_event_read(room, body, &event);
    if (problem) {
        reply_json_error(reply, 400, problem);
        return;
    }
    struct message message = room_message(room, &event);
    room_send(room, &message, 1);
    room_apply_control(room, &event);
    reply_sent(reply, room, message.msg_id);
}

void control_raw(struct sim *sim, const struct request *request, struct reply *reply)
{
    struct room *room = control_room_read(sim, request, reply);
    if (!room)
        return;
    int taken = room_send_raw(room, LWS_WRITE_BINARY, request->body);
    reply_text(reply, 200, "application/json", "");
    buffer_printf(reply->body, "{\"clients\":%d}", taken);
}

void control_message(struct sim *sim, const struct request *request, struct reply *reply)
{
    struct room *room = control_room_read(sim, request, reply);
    const char *method = request_arg(request, "method");
    if (!room)
        return;
    if (!method) {
        reply_json_error(reply, 400, "the argument method is missing");
        return;
    }
    struct message message = {
        .method = method,
        .payload = request->body,
        .msg_id = sim_next_msg_id(sim),
        .kind = EVENT_OTHER,
    };
    room_send(room, &message, 1);
    reply_sent(reply, room, message.msg_id);
}

void control_drop(struct sim *sim, const struct request *request, struct reply *reply)
{
    struct room *room = control_room_read(sim, request, reply);
    if (!room)
        return;
    AUTO(json_decref) json_t *body = control_body_read(request, reply);
    if (!body)
        return;
    room_drop_clients(room, (int)control_int_of(body, "code", 0));
    reply_room(reply, room);
}

void control_stall(struct sim *sim, const struct request *request, struct reply *reply)
{
    struct room *room = control_room_read(sim, request, reply);
    if (!room)
        return;
    AUTO(json_decref) json_t *body = control_body_read(request, reply);
    if (!body)
        return;
    room_stall_clients(room, clock_wall_ms() + control_int_of(body, "seconds", STALL_S) * 1000);
    reply_room(reply, room);
}
