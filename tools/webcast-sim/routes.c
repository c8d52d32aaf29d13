/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/routes.h"

#include "lib/base/text.h"
#include "tools/webcast-sim/scenario.h"

/* In a path {} stands for one part that may be anything. A slash at the end of a request's path
 * doesn't matter. */
static const struct route {
    const char *method;
    const char *path;
    void (*serve)(struct sim *sim, const struct request *request, struct reply *reply);
} routes[] = {
    {"GET", "", page_home},
    {"GET", "/@{}/live", page_live},
    {"GET", "/api-live/user/room", page_user_room},
    {"GET", "/webcast/room/check_alive", page_check_alive},
    {"GET", "/webcast/room/info", page_room_info},
    {"GET", "/webcast/im/fetch", page_poll},
    {"GET", "/webcast/gift/list", page_gift_list},

    {"GET", "/webcast/fetch", sign_fetch},
    {"GET", "/webcast/rooms/{}/connect", sign_connect},
    {"GET", "/webcast/anchors/{}/room_id", sign_room_id},
    {"GET", "/webcast/room_id", sign_room_id},
    {"GET", "/webcast/rate_limits", sign_rate_limits},

    {"GET", "/_sim/ready", control_ready},
    {"GET", "/_sim/stats", control_stats},
    {"POST", "/_sim/sign", control_sign},
    {"POST", "/_sim/pages", control_pages},
    {"POST", "/_sim/gifts", control_gifts},
    {"GET", "/_sim/rooms/{}", control_room_get},
    {"POST", "/_sim/rooms/{}", control_room_set},
    {"GET", "/_sim/rooms/{}/delivered", control_delivered},
    {"POST", "/_sim/rooms/{}/event", control_event},
    {"POST", "/_sim/rooms/{}/raw", control_raw},
    {"POST", "/_sim/rooms/{}/message", control_message},
    {"POST", "/_sim/rooms/{}/drop", control_drop},
    {"POST", "/_sim/rooms/{}/stall", control_stall},
};

/* Whether path fits the pattern, and the part that stands for {}. */
static bool path_match(struct arena *arena, const char *pattern, const char *path,
                       const char **ret_name)
{
    size_t length = strlen(path);
    if (length > 0 && path[length - 1] == '/')
        length--;
    const char *open = strstr(pattern, "{}");
    if (!open)
        return strlen(pattern) == length && strncmp(pattern, path, length) == 0;

    size_t before = (size_t)(open - pattern), after = strlen(open + 2);
    if (length <= before + after || strncmp(pattern, path, before) != 0 ||
        strncmp(open + 2, path + length - after, after) != 0)
        return false;
    *ret_name = arena_text_n(arena, path + before, length - before - after);
    return strchr(*ret_name, '/') == NULL;
}

void routes_serve(struct sim *sim, struct request *request, struct reply *reply)
{
    for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
        if (text_equal(routes[i].method, request->method) &&
            path_match(request->arena, routes[i].path, request->path, &request->name)) {
            routes[i].serve(sim, request, reply);
            return;
        }
    }
    reply_json_error(reply, 404, "no such path");
}

static const struct refusal unknown_room = {"illegal secret key", "417"};

struct room *routes_upgrade(struct sim *sim, const struct request *request,
                            struct refusal *ret_refusal)
{
    sim_note_user_agent(sim, request->user_agent);
    struct room *room = rooms_find(&sim->rooms, request_arg_id(request, "room_id"));
    const char *name = room ? room->name : "?";
    const struct refusal *refusal = room ? NULL : &unknown_room;
    if (!refusal)
        refusal = bootstrap_redeem(sim->bootstraps, request);
    if (refusal) {
        sim_client_error(sim, name, refusal->message);
    } else if (room->scenario->refusal.message) {
        refusal = &room->scenario->refusal;
        room_scenario_used(room);
    }
    if (!refusal)
        return room;
    if (room)
        room->counters.refused++;
    *ret_refusal = *refusal;
    return NULL;
}
