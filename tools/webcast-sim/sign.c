/* SPDX-License-Identifier: MIT */
/* The sign server. */
#include "tools/webcast-sim/routes.h"

#include "gen/webcast.pb-c.h"
#include "lib/base/clock.h"
#include "lib/base/json_writer.h"
#include "lib/base/text.h"
#include "tools/webcast-sim/scenario.h"
#include "tools/webcast-sim/wire.h"

#include <inttypes.h>

#define SIGN_DAY_LIMIT 2500
#define SIGN_MESSAGES_MAX (2 + ROOM_HISTORY_MAX)

/* In SIGN_USER_AGENT mode the socket must be opened with this one. */
static const char own_user_agent[] = "Mozilla/5.0 (X11; Linux x86_64) webcast-sim/1.0";

static int64_t calls_total(const struct sim *sim)
{
    int64_t total = 0;
    for (int mode = 0; mode < SIGN_MODE_COUNT; mode++)
        total += sim->sign_calls[mode];
    return total;
}

static char *number_text(struct arena *arena, int64_t number)
{
    return arena_printf(arena, "%" PRId64, number);
}

static void add_common_headers(const struct sim *sim, const struct request *request,
                               struct reply *reply)
{
    int64_t calls = calls_total(sim);
    int64_t left = calls < SIGN_DAY_LIMIT ? SIGN_DAY_LIMIT - calls : 0;
    reply_header(reply, "X-Request-Id", arena_printf(request->arena, "sim-%" PRId64, calls));
    reply_header(reply, "X-Agent-Id", "sim");
    reply_header(reply, "RateLimit-Remaining", number_text(request->arena, left));
}

static void reply_rate_limited(const struct sim *sim, const struct request *request,
                               struct reply *reply, enum sign_mode mode)
{
    char *wait = number_text(request->arena, sim->sign_wait_s);
    char *reset = number_text(request->arena, clock_wall_ms() / 1000 + sim->sign_wait_s);
    reply_text(reply, 429, "application/json",
               "{\"code\":429,\"message\":\"too many requests\","
               "\"limit_label\":\"rate_limit_account_minute\"}");
    if (mode == SIGN_429_RETRY_AFTER || mode == SIGN_429_ALL)
        reply_header(reply, "Retry-After", wait);
    if (mode == SIGN_429_X_RATELIMIT_RESET || mode == SIGN_429_ALL)
        reply_header(reply, "X-RateLimit-Reset", reset);
    if (mode == SIGN_429_RATELIMIT_RESET || mode == SIGN_429_ALL)
        reply_header(reply, "RateLimit-Reset", reset);
}

/* The modes that don't sign at all; false for the others. */
static bool reply_refusal(const struct sim *sim, const struct request *request, struct reply *reply,
                          enum sign_mode mode)
{
    switch (mode) {
    case SIGN_429_RETRY_AFTER:
    case SIGN_429_X_RATELIMIT_RESET:
    case SIGN_429_RATELIMIT_RESET:
    case SIGN_429_ALL:
    case SIGN_429_BARE:
        reply_rate_limited(sim, request, reply, mode);
        return true;
    case SIGN_401:
        reply_json_error(reply, 401, "invalid api key");
        return true;
    case SIGN_402:
        reply_json_error(reply, 402, "this needs a premium plan");
        return true;
    case SIGN_403:
        reply_json_error(reply, 403, "no permission for this route");
        return true;
    case SIGN_404:
        reply_text(reply, 404, "text/html", "<html>not found</html>");
        return true;
    case SIGN_500:
        reply_json_error(reply, 500, "internal error");
        return true;
    case SIGN_200_EMPTY:
        reply_text(reply, 200, "application/octet-stream", "");
        return true;
    case SIGN_200_JSON:
        reply_text(reply, 200, "application/json", "{\"code\":403,\"message\":\"premium needed\"}");
        return true;
    case SIGN_200_GARBAGE:
        reply_text(reply, 200, "application/octet-stream", "\x0a\xff\xff\x01this is no protobuf");
        return true;
    default:
        return false;
    }
}

/* ---- the answer ---- */

static struct message greeting(struct room *room, enum event_kind kind, const char *text)
{
    struct event event = {.kind = kind, .text = text, .language = "ru"};
    person_make_named(room->name, NULL, &event.person);
    return room_message(room, &event);
}

/* Chats of before, made up when a scenario wants more than were said. */
static size_t list_history(struct room *room, struct message *messages)
{
    size_t count = room_history(room, messages, ROOM_HISTORY_MAX);
    while (room->scenario->history && count < ROOM_HISTORY_MAX) {
        struct event event;
        script_make(&room->script, EVENT_CHAT, &event);
        messages[count] = room_message(room, &event);
        messages[count++].is_history = true;
    }
    return count;
}

static void add_messages(struct arena *arena, struct room *room,
                         Webcast__ProtoMessageFetchResult *result)
{
    struct message messages[SIGN_MESSAGES_MAX] = {
        greeting(room, EVENT_WELCOME, "Welcome to TikTok LIVE! Be kind to each other."),
        greeting(room, EVENT_INTRO, "Эфир для своих: чай, кот и разговоры"),
    };
    size_t count = 2 + list_history(room, messages + 2);
    result->messages = ARENA_ARRAY(arena, Webcast__BaseProtoMessage *, count);
    for (size_t i = 0; i < count; i++) {
        Webcast__BaseProtoMessage *base = WIRE_NEW(arena, base_proto_message, BaseProtoMessage);
        base->method = wire_text(messages[i].method);
        base->payload = wire_bytes(messages[i].payload);
        base->msg_id = messages[i].msg_id;
        base->is_history = messages[i].is_history;
        result->messages[result->n_messages++] = base;
    }
}

static void add_route_param(struct arena *arena, Webcast__ProtoMessageFetchResult *result,
                            const char *key, const char *value)
{
    Webcast__ProtoMessageFetchResult__RouteParamsEntry *entry =
        WIRE_NEW(arena, proto_message_fetch_result__route_params_entry,
                 ProtoMessageFetchResult__RouteParamsEntry);
    entry->key = wire_text(key);
    entry->value = wire_text(value);
    result->route_params[result->n_route_params++] = entry;
}

static const char *push_server(const struct sim *sim, const struct request *request,
                               enum sign_mode mode)
{
    if (mode == SIGN_POLL_ONLY)
        return "";
    if (mode == SIGN_FOREIGN_HOST)
        return "wss://ws-fallback.example.invalid/webcast";
    if (sim->options->push_server)
        return arena_printf(request->arena, "%s%s", sim->options->push_server, ROUTES_SOCKET_PATH);
    return arena_printf(request->arena, "%s://%s%s", sim->options->tls_cert ? "wss" : "ws",
                        request->host, ROUTES_SOCKET_PATH);
}

static struct slice encode_answer(struct sim *sim, const struct request *request, struct room *room,
                                  enum sign_mode mode)
{
    struct arena *arena = request->arena;
    struct frame_head head;
    const char *wrss = bootstrap_issue(sim->bootstraps, arena, room->id, &head);
    const char *internal_ext = frame_internal_ext(arena, &head);

    Webcast__ProtoMessageFetchResult result = WEBCAST__PROTO_MESSAGE_FETCH_RESULT__INIT;
    result.cursor = mode == SIGN_NO_CURSOR ? wire_text("") : frame_cursor(arena, &head);
    result.fetch_interval = 1000;
    result.now = head.now_ms;
    result.internal_ext = wire_bytes((struct slice){internal_ext, strlen(internal_ext)});
    result.fetch_type = mode == SIGN_POLL_ONLY ? 2 : 1;
    result.push_server = wire_text(push_server(sim, request, mode));
    result.is_first = true;
    result.history_comment_cursor = number_text(arena, head.room_id);
    result.route_params =
        ARENA_ARRAY(arena, Webcast__ProtoMessageFetchResult__RouteParamsEntry *, 2);
    add_route_param(arena, &result, "wrss", wrss);
    add_route_param(arena, &result, "imprp", "sim-imprp");
    add_messages(arena, room, &result);
    return wire_pack(arena, &result.base);
}

static void reply_signed(struct sim *sim, const struct request *request, struct reply *reply,
                         struct room *room, enum sign_mode mode)
{
    struct arena *arena = request->arena;
    const char *user_agent = request_arg(request, "user_agent");
    if (mode == SIGN_USER_AGENT || !user_agent)
        user_agent = own_user_agent;
    if (user_agent == own_user_agent)
        reply_header(reply, "X-Set-TT-User-Agent", user_agent);
    sim_note_user_agent(sim, user_agent);

    struct slice body = encode_answer(sim, request, room, mode);
    reply_text(reply, 200, "application/octet-stream", "");
    buffer_add(reply->body, body.data, body.size);
    reply_header(reply, "X-Room-Id", number_text(arena, room->id));
    if (mode != SIGN_NO_COOKIE)
        reply_header(
            reply, "X-Set-TT-Cookie",
            arena_printf(arena, "%s; tt-target-idc=useast1a", bootstrap_cookie(arena, user_agent)));
}

/* room may be NULL. */
static void sign(struct sim *sim, const struct request *request, struct reply *reply,
                 struct room *room)
{
    const char *wanted = sim->options->api_key;
    const char *key = request->api_key[0] ? request->api_key : request_arg(request, "apiKey");
    enum sign_mode mode = (enum sign_mode)mode_take(room ? &room->sign : NULL, &sim->sign);
    if (wanted && !text_equal(wanted, key))
        mode = SIGN_401;
    sim->sign_calls[mode]++;
    if (room)
        room->counters.sign_calls++;
    add_common_headers(sim, request, reply);
    if (reply_refusal(sim, request, reply, mode))
        return;
    if (room)
        reply_signed(sim, request, reply, room, mode);
    else
        reply_json_error(reply, 400, "room_id or unique_id of a room needed");
}

static struct room *room_asked_for(struct sim *sim, const struct request *request, int64_t room_id)
{
    const char *name = request_arg(request, "unique_id");
    if (room_id == 0 && name)
        return rooms_get(sim, name);
    return rooms_find(&sim->rooms, room_id);
}

void sign_fetch(struct sim *sim, const struct request *request, struct reply *reply)
{
    sign(sim, request, reply, room_asked_for(sim, request, request_arg_id(request, "room_id")));
}

/* The room's id stands in the path, 0 when only the name is known. */
void sign_connect(struct sim *sim, const struct request *request, struct reply *reply)
{
    int64_t room_id = 0;
    if (!text_parse_int(request->name, 0, INT64_MAX, &room_id))
        room_id = 0;
    sign(sim, request, reply, room_asked_for(sim, request, room_id));
}

/* Route C, both forms of its path. */
void sign_room_id(struct sim *sim, const struct request *request, struct reply *reply)
{
    const char *name = request->name ? request->name : request_arg(request, "uniqueId");
    bool missing = !name || text_starts_with(name, "missing_");
    const struct room *room = missing ? NULL : rooms_get(sim, name);
    bool live = room && room->status != ROOM_ENDED;
    struct json_writer json;
    reply_text(reply, room ? 200 : 404, "application/json", "");
    json_init(&json, reply->body);
    json_open(&json, '{');
    json_pair_int(&json, "code", room ? 200 : 404);
    json_pair_bool(&json, "ok", room != NULL);
    json_pair_text(&json, "message", room ? "ok" : "user not found");
    json_pair_bool(&json, "is_live", live);
    json_pair_text(&json, "room_id", live ? number_text(request->arena, room->id) : NULL);
    json_key(&json, "routes_attempted");
    json_put_raw(&json, "[]", 2);
    json_close(&json, '}');
}

void sign_rate_limits(struct sim *sim, const struct request *request, struct reply *reply)
{
    static const char *const spans[] = {"day", "hour", "minute"};
    (void)request;
    struct json_writer json;
    reply_text(reply, 200, "application/json", "");
    json_init(&json, reply->body);
    json_open(&json, '{');
    json_pair_int(&json, "code", 200);
    json_pair_text(&json, "message", "ok");
    for (size_t i = 0; i < ARRAY_LEN(spans); i++) {
        json_key(&json, spans[i]);
        json_open(&json, '{');
        json_pair_int(&json, "max", SIGN_DAY_LIMIT);
        json_pair_int(&json, "remaining", SIGN_DAY_LIMIT - calls_total(sim));
        json_pair_int(&json, "reset_at", clock_wall_ms() / 1000 + 60);
        json_close(&json, '}');
    }
    json_close(&json, '}');
}
