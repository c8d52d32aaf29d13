/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/control_parts.h"

#include "tools/webcast-sim/scenario.h"

#include <inttypes.h>

json_t *control_body_read(const struct request *request, struct reply *reply)
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

struct room *control_room_read(struct sim *sim, const struct request *request, struct reply *reply)
{
    struct room *room = rooms_get(sim, request->name);
    if (!room)
        reply_json_error(reply, 400, "not a TikTok name, or too many rooms");
    return room;
}

int64_t control_int_of(const json_t *body, const char *key, int64_t absent)
{
    const json_t *value = json_object_get(body, key);
    return json_is_integer(value) ? json_integer_value(value) : absent;
}

void control_write_room(struct json_writer *json, const struct room *room)
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
