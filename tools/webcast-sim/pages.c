/* SPDX-License-Identifier: MIT */
/* TikTok's own pages and API, as far as a client needs them to find a room. */
#include "tools/webcast-sim/routes.h"

#include "lib/base/clock.h"
#include "lib/base/json_writer.h"
#include "lib/base/text.h"

#include <inttypes.h>

#define CHECK_ALIVE_MAX 100

static const char waf_page[] =
    "<!DOCTYPE html><html><head><title>Please wait...</title></head><body>"
    "<p id=\"_wafchallengeid\">Please wait...</p><script>/* a challenge */</script></body></html>";

static const char no_sigi_page[] =
    "<!DOCTYPE html><html><head><title>TikTok</title></head><body><div id=\"app\"></div></body>"
    "</html>";

/* room is the one asked for, NULL where there is none. */
static enum pages_mode pages_mode_take(struct sim *sim, struct room *room)
{
    enum pages_mode mode = (enum pages_mode)mode_take(room ? &room->pages : NULL, &sim->pages);
    sim->page_calls[mode]++;
    if (room)
        room->counters.page_calls++;
    return mode;
}

static bool is_missing(const char *name)
{
    return text_starts_with(name, "missing_") || !rooms_is_name(name);
}

/* NULL for somebody who does not exist. */
static struct room *room_of(struct sim *sim, const char *name)
{
    return !name || is_missing(name) ? NULL : rooms_get(sim, name);
}

static void room_id_text(const struct room *room, char text[24])
{
    snprintf(text, 24, "%" PRId64, room->status == ROOM_ENDED ? 0 : room->id);
}

/* The host's id, which must not be the room's. */
static int64_t host_id(const struct room *room)
{
    struct person host;
    person_make_named(room->name, NULL, &host);
    return host.id;
}

static void write_user(struct json_writer *json, const struct room *room)
{
    char id[24], room_id[24];
    snprintf(id, sizeof(id), "%" PRId64, host_id(room));
    room_id_text(room, room_id);
    json_open(json, '{');
    json_pair_text(json, "id", id);
    json_pair_text(json, "roomId", room->status == ROOM_ENDED ? "" : room_id);
    json_pair_int(json, "status", room->status);
    json_pair_text(json, "uniqueId", room->name);
    json_pair_text(json, "nickname", room->name);
    json_pair_text(json, "avatarLarger", "https://p16-sign.tiktokcdn.invalid/tos-sim/host.webp");
    json_close(json, '}');
}

static void write_live_room(struct json_writer *json, const struct room *room)
{
    json_open(json, '{');
    json_pair_int(json, "status", room->status);
    json_pair_text(json, "title", "Привет! Let's chat");
    json_pair_int(json, "startTime", clock_wall_ms() / 1000 - 600);
    json_key(json, "liveRoomStats");
    json_open(json, '{');
    json_pair_int(json, "userCount", room->script.viewers);
    json_pair_int(json, "enterCount", room->script.viewers_ever);
    json_close(json, '}');
    json_close(json, '}');
}

void page_home(struct sim *sim, const struct request *request, struct reply *reply)
{
    enum pages_mode mode = pages_mode_take(sim, NULL);
    reply_text(reply, 200, "text/html; charset=utf-8", no_sigi_page);
    if (mode == PAGES_ALL_500) {
        reply_text(reply, 500, "text/html", "<html>500</html>");
        return;
    }
    if (mode == PAGES_NO_TTWID)
        return;
    const char *cookie = bootstrap_cookie(request->arena, request->user_agent);
    reply_header(reply, "Set-Cookie",
                 arena_printf(request->arena, "%s; Path=/; Max-Age=31536000; HttpOnly", cookie));
}

static void write_live_page(const struct room *room, struct buffer *body)
{
    struct json_writer json;
    buffer_add_text(body, "<!DOCTYPE html><html><head><title>TikTok LIVE</title></head><body>"
                          "<script id=\"SIGI_STATE\" type=\"application/json\">");
    json_init(&json, body);
    json_open(&json, '{');
    if (room) {
        json_key(&json, "LiveRoom");
        json_open(&json, '{');
        json_key(&json, "liveRoomUserInfo");
        json_open(&json, '{');
        json_key(&json, "user");
        write_user(&json, room);
        json_key(&json, "liveRoom");
        write_live_room(&json, room);
        json_close(&json, '}');
        json_close(&json, '}');
    }
    json_close(&json, '}');
    buffer_add_text(body, "</script></body></html>");
}

/* Route A. */
void page_live(struct sim *sim, const struct request *request, struct reply *reply)
{
    struct room *room = room_of(sim, request->name);
    enum pages_mode mode = pages_mode_take(sim, room);
    reply_text(reply, 200, "text/html; charset=utf-8", "");
    if (mode == PAGES_ALL_500)
        reply_text(reply, 500, "text/html", "<html>500</html>");
    else if (mode == PAGES_WAF || text_starts_with(request->name, "blocked_"))
        buffer_add_text(reply->body, waf_page);
    else if (mode == PAGES_SIGI_MISSING)
        buffer_add_text(reply->body, no_sigi_page);
    else
        write_live_page(room, reply->body);
}

static void user_room_failure(struct reply *reply, int code, const char *message)
{
    reply_text(reply, 200, "application/json", "");
    buffer_printf(reply->body, "{\"statusCode\":%d,\"message\":\"%s\",\"data\":{}}", code, message);
}

static void write_user_room(const struct room *room, struct reply *reply)
{
    struct json_writer json;
    reply_text(reply, 200, "application/json", "");
    json_init(&json, reply->body);
    json_open(&json, '{');
    json_pair_int(&json, "statusCode", 0);
    json_pair_text(&json, "message", "");
    json_key(&json, "data");
    json_open(&json, '{');
    json_key(&json, "user");
    write_user(&json, room);
    json_key(&json, "stats");
    json_open(&json, '{');
    json_pair_int(&json, "followerCount", room->script.followers);
    json_close(&json, '}');
    json_key(&json, "liveRoom");
    write_live_room(&json, room);
    json_close(&json, '}');
    json_close(&json, '}');
}

/* Route B. */
void page_user_room(struct sim *sim, const struct request *request, struct reply *reply)
{
    const char *name = request_arg(request, "uniqueId");
    struct room *room = room_of(sim, name);
    enum pages_mode mode = pages_mode_take(sim, room);
    if (mode == PAGES_API_500 || mode == PAGES_ALL_500 || mode == PAGES_SIGI_MISSING) {
        reply_text(reply, 500, "text/html", "<html>500</html>");
        return;
    }
    if (mode == PAGES_PARAMS_ERROR || !name || request_arg_id(request, "aid") != 1988) {
        user_room_failure(reply, 10011, "params_error");
        return;
    }
    if (mode == PAGES_WAF || text_starts_with(name, "blocked_")) {
        reply_text(reply, 403, "text/html; charset=utf-8", waf_page);
        return;
    }
    if (room)
        write_user_room(room, reply);
    else
        user_room_failure(reply, 19881007, "user_not_found");
}

static void write_alive(struct sim *sim, struct json_writer *json, int64_t room_id)
{
    const struct room *room = rooms_find(&sim->rooms, room_id);
    char text[24];
    snprintf(text, sizeof(text), "%" PRId64, room_id);
    json_open(json, '{');
    json_pair_bool(json, "alive", room && room->status != ROOM_ENDED);
    json_pair_int(json, "room_id", room_id);
    json_pair_text(json, "room_id_str", text);
    json_close(json, '}');
}

/* Route D: a list of ids, with commas between them. */
void page_check_alive(struct sim *sim, const struct request *request, struct reply *reply)
{
    struct json_writer json;
    const char *ids = request_arg(request, "room_ids");
    struct room *first = rooms_find(&sim->rooms, ids ? strtoll(ids, NULL, 10) : 0);
    if (pages_mode_take(sim, first) == PAGES_ALL_500) {
        reply_text(reply, 500, "text/html", "<html>500</html>");
        return;
    }
    reply_text(reply, 200, "application/json", "");
    json_init(&json, reply->body);
    json_open(&json, '{');
    json_key(&json, "data");
    json_open(&json, '[');
    for (int i = 0; ids && *ids && i < CHECK_ALIVE_MAX; i++) {
        char *end;
        write_alive(sim, &json, strtoll(ids, &end, 10));
        ids = *end == ',' ? end + 1 : NULL;
    }
    json_close(&json, ']');
    json_key(&json, "extra");
    json_open(&json, '{');
    json_pair_int(&json, "now", clock_wall_ms());
    json_close(&json, '}');
    json_pair_int(&json, "status_code", 0);
    json_close(&json, '}');
}

/* What route E says instead of the room, or NULL. */
static const char *info_refusal(enum pages_mode mode, const struct room *room)
{
    static const char age_restricted[] =
        "{\"data\":{\"message\":\"\",\"prompts\":\"\"},\"extra\":{},\"status_code\":4003110}";
    if (mode == PAGES_AGE_RESTRICTED || (room && room->restricted))
        return age_restricted;
    if (mode == PAGES_AGE_FLAG)
        return "{\"data\":{\"age_restricted\":{\"restricted\":true}},\"status_code\":0}";
    if (mode == PAGES_PROMPTS)
        return "{\"data\":{\"prompts\":\"\"},\"status_code\":0}";
    if (mode == PAGES_LOGIN)
        return "{\"data\":{\"message\":\"login\"},\"status_code\":20003}";
    if (mode == PAGES_PARAMS_ERROR || !room)
        return "{\"data\":{\"message\":\"params\"},\"status_code\":10011}";
    return NULL;
}

static void write_owner(struct json_writer *json, const struct room *room)
{
    char id[24];
    snprintf(id, sizeof(id), "%" PRId64, host_id(room));
    json_open(json, '{');
    json_pair_text(json, "id_str", id);
    json_pair_text(json, "display_id", room->name);
    json_pair_text(json, "nickname", room->name);
    json_key(json, "follow_info");
    json_open(json, '{');
    json_pair_int(json, "follower_count", room->script.followers);
    json_close(json, '}');
    json_close(json, '}');
}

static void write_info(const struct room *room, struct reply *reply)
{
    struct json_writer json;
    reply_text(reply, 200, "application/json", "");
    json_init(&json, reply->body);
    json_open(&json, '{');
    json_pair_int(&json, "status_code", 0);
    json_key(&json, "data");
    json_open(&json, '{');
    json_pair_int(&json, "status", room->status);
    json_pair_text(&json, "title", "Привет! Let's chat");
    json_pair_int(&json, "user_count", room->script.viewers);
    json_key(&json, "stats");
    json_open(&json, '{');
    json_pair_int(&json, "like_count", room->script.likes);
    json_pair_int(&json, "total_user", room->script.viewers_ever);
    json_close(&json, '}');
    json_key(&json, "owner");
    write_owner(&json, room);
    json_close(&json, '}');
    json_close(&json, '}');
}

/* Route E. */
void page_room_info(struct sim *sim, const struct request *request, struct reply *reply)
{
    struct room *room = rooms_find(&sim->rooms, request_arg_id(request, "room_id"));
    enum pages_mode mode = pages_mode_take(sim, room);
    if (mode == PAGES_ALL_500) {
        reply_text(reply, 500, "text/html", "<html>500</html>");
        return;
    }
    const char *refusal = info_refusal(mode, room);
    if (refusal)
        reply_text(reply, 200, "application/json", refusal);
    else
        write_info(room, reply);
}

/* Polling is as good as gone: usually an empty answer. */
void page_poll(struct sim *sim, const struct request *request, struct reply *reply)
{
    (void)sim;
    (void)request;
    reply_text(reply, 200, "application/x-protobuf", "");
}
