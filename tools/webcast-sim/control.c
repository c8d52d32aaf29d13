/* SPDX-License-Identifier: MIT */
/* The control API: tests and people steer the simulator with it. Bodies are JSON objects; an absent
 * one is empty. */
#include "tools/webcast-sim/control_event.h"
#include "tools/webcast-sim/routes.h"
#include "tools/webcast-sim/scenario.h"

#include "lib/base/clock.h"
#include "lib/base/json_writer.h"
#include "lib/base/text.h"

#include <inttypes.h>
#include <jansson.h>

#define STALL_S 3600

AUTO_DEFINE(json_t *, json_decref)

/* ---- reading ---- */

/* The body as an object, to be released; NULL, answered, when it is none. */
static json_t *body_read(const struct request *request, struct reply *reply)
{
    if (request->body.size == 0)
        return json_object();
    json_t *body = json_loadb(request->body.data, request->body.size, 0, NULL);
    if (json_is_object(body))
        return body;
    json_decref(body);
    reply_json_error(reply, 400, "the body must be a JSON object");
    return NULL;
}

static struct room *room_read(struct sim *sim, const struct request *request, struct reply *reply)
{
    struct room *room = rooms_get(sim, request->name);
    if (!room)
        reply_json_error(reply, 400, "not a TikTok name, or too many rooms");
    return room;
}

static int64_t int_of(const json_t *body, const char *key, int64_t absent)
{
    const json_t *value = json_object_get(body, key);
    return json_is_integer(value) ? json_integer_value(value) : absent;
}

/* ---- replies ---- */

static void write_room(struct json_writer *json, const struct room *room)
{
    char id[24];
    snprintf(id, sizeof(id), "%" PRId64, room->id);
    json_open(json, '{');
    json_pair_text(json, "room_id", id);
    json_pair_int(json, "status", room->status);
    json_pair_text(json, "scenario", room->scenario->name);
    json_key(json, "rate");
    json_put_double(json, room->rate);
    json_pair_int(json, "clients", (int64_t)room_client_count(room));
#define COUNTER_ROW(name) json_pair_int(json, #name, room->counters.name);
    ROOM_COUNTER_TABLE(COUNTER_ROW)
#undef COUNTER_ROW
    json_key(json, "sent");
    json_open(json, '{');
    for (int kind = 0; kind < EVENT_KIND_COUNT; kind++)
        json_pair_int(json, event_type((enum event_kind)kind), room->sent[kind]);
    json_close(json, '}');
    json_close(json, '}');
}

static void reply_room(struct reply *reply, const struct room *room)
{
    struct json_writer json;
    reply_text(reply, 200, "application/json", "");
    json_init(&json, reply->body);
    write_room(&json, room);
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

static void write_calls(struct json_writer *json, const char *key, const struct mode_name *names,
                        const int64_t *calls, int count)
{
    int64_t total = 0;
    json_key(json, key);
    json_open(json, '{');
    for (int mode = 0; mode < count; mode++) {
        total += calls[mode];
        json_pair_int(json, names[mode].name, calls[mode]);
    }
    json_pair_int(json, "total", total);
    json_close(json, '}');
}

void control_ready(struct sim *sim, const struct request *request, struct reply *reply)
{
    (void)sim;
    (void)request;
    reply_text(reply, 200, "text/plain", "ready\n");
}

void control_stats(struct sim *sim, const struct request *request, struct reply *reply)
{
    (void)request;
    struct json_writer json;
    reply_text(reply, 200, "application/json", "");
    json_init(&json, reply->body);
    json_open(&json, '{');
    write_calls(&json, "sign", sign_mode_names, sim->sign_calls, SIGN_MODE_COUNT);
    write_calls(&json, "pages", pages_mode_names, sim->page_calls, PAGES_MODE_COUNT);
    write_calls(&json, "gifts", gifts_mode_names, sim->gift_calls, GIFTS_MODE_COUNT);
    json_key(&json, "user_agents");
    json_open(&json, '[');
    for (size_t i = 0; i < SIM_USER_AGENTS && sim->user_agents[i][0]; i++)
        json_put_text(&json, sim->user_agents[i]);
    json_close(&json, ']');
    json_pair_text(&json, "last_error", sim->last_error[0] ? sim->last_error : NULL);
    json_key(&json, "rooms");
    json_open(&json, '{');
    for (const struct room *room = sim->rooms.first; room; room = room->next) {
        json_key(&json, room->name);
        write_room(&json, room);
    }
    json_close(&json, '}');
    json_close(&json, '}');
}

/* ---- the sign server and the pages ---- */

static void mode_set(const struct mode_name *names, int count, const json_t *body,
                     struct mode *mode, struct reply *reply)
{
    int choice;
    const char *name = json_string_value(json_object_get(body, "mode"));
    if (!name || !mode_parse(names, count, name, &choice)) {
        reply_json_error(reply, 400, "no such mode");
        return;
    }
    *mode = (struct mode){.choice = choice, .left = int_of(body, "times", 0)};
    reply_text(reply, 200, "application/json", "{}");
}

void control_sign(struct sim *sim, const struct request *request, struct reply *reply)
{
    AUTO(json_decref) json_t *body = body_read(request, reply);
    if (!body)
        return;
    sim->sign_wait_s = int_of(body, "seconds", sim->sign_wait_s);
    mode_set(sign_mode_names, SIGN_MODE_COUNT, body, &sim->sign, reply);
}

void control_pages(struct sim *sim, const struct request *request, struct reply *reply)
{
    AUTO(json_decref) json_t *body = body_read(request, reply);
    if (body)
        mode_set(pages_mode_names, PAGES_MODE_COUNT, body, &sim->pages, reply);
}

void control_gifts(struct sim *sim, const struct request *request, struct reply *reply)
{
    AUTO(json_decref) json_t *body = body_read(request, reply);
    if (body)
        mode_set(gifts_mode_names, GIFTS_MODE_COUNT, body, &sim->gifts, reply);
}

/* ---- rooms ---- */

void control_room_get(struct sim *sim, const struct request *request, struct reply *reply)
{
    const struct room *room = room_read(sim, request, reply);
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
    *mode = (struct mode){.choice = choice, .left = int_of(body, "times", 0)};
    return true;
}

/* NULL when all was right. */
static const char *room_change(struct sim *sim, struct room *room, const json_t *body)
{
    const json_t *scenario = json_object_get(body, "scenario");
    const json_t *rate = json_object_get(body, "rate");
    const json_t *room_id = json_object_get(body, "room_id");
    int64_t status = int_of(body, "status", room->status);
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
    room_set_scenario(room, found, int_of(body, "times", 0));
    return NULL;
}

void control_delivered(struct sim *sim, const struct request *request, struct reply *reply)
{
    const struct room *room = room_read(sim, request, reply);
    if (!room)
        return;
    struct json_writer json;
    reply_text(reply, 200, "application/json", "");
    json_init(&json, reply->body);
    ledger_write(&room->ledger, request_arg_id(request, "from"), &json);
}

void control_room_set(struct sim *sim, const struct request *request, struct reply *reply)
{
    struct room *room = room_read(sim, request, reply);
    if (!room)
        return;
    AUTO(json_decref) json_t *body = body_read(request, reply);
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
    struct room *room = room_read(sim, request, reply);
    if (!room)
        return;
    AUTO(json_decref) json_t *body = body_read(request, reply);
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
    struct room *room = room_read(sim, request, reply);
    if (!room)
        return;
    int taken = room_send_raw(room, LWS_WRITE_BINARY, request->body);
    reply_text(reply, 200, "application/json", "");
    buffer_printf(reply->body, "{\"clients\":%d}", taken);
}

void control_message(struct sim *sim, const struct request *request, struct reply *reply)
{
    struct room *room = room_read(sim, request, reply);
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
    struct room *room = room_read(sim, request, reply);
    if (!room)
        return;
    AUTO(json_decref) json_t *body = body_read(request, reply);
    if (!body)
        return;
    room_drop_clients(room, (int)int_of(body, "code", 0));
    reply_room(reply, room);
}

void control_stall(struct sim *sim, const struct request *request, struct reply *reply)
{
    struct room *room = room_read(sim, request, reply);
    if (!room)
        return;
    AUTO(json_decref) json_t *body = body_read(request, reply);
    if (!body)
        return;
    room_stall_clients(room, clock_wall_ms() + int_of(body, "seconds", STALL_S) * 1000);
    reply_room(reply, room);
}
