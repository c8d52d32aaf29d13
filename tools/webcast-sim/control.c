/* SPDX-License-Identifier: MIT */
/* The control API: tests and people steer the simulator with it. Bodies are JSON objects; an absent
 * one is empty. */
#include "tools/webcast-sim/control_parts.h"

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
        control_write_room(&json, room);
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
    *mode = (struct mode){.choice = choice, .left = control_int_of(body, "times", 0)};
    reply_text(reply, 200, "application/json", "{}");
}

void control_sign(struct sim *sim, const struct request *request, struct reply *reply)
{
    AUTO(json_decref) json_t *body = control_body_read(request, reply);
    if (!body)
        return;
    sim->sign_wait_s = control_int_of(body, "seconds", sim->sign_wait_s);
    mode_set(sign_mode_names, SIGN_MODE_COUNT, body, &sim->sign, reply);
}

void control_pages(struct sim *sim, const struct request *request, struct reply *reply)
{
    AUTO(json_decref) json_t *body = control_body_read(request, reply);
    if (body)
        mode_set(pages_mode_names, PAGES_MODE_COUNT, body, &sim->pages, reply);
}

void control_gifts(struct sim *sim, const struct request *request, struct reply *reply)
{
    AUTO(json_decref) json_t *body = control_body_read(request, reply);
    if (body)
        mode_set(gifts_mode_names, GIFTS_MODE_COUNT, body, &sim->gifts, reply);
}
