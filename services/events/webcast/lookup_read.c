/* SPDX-License-Identifier: MIT */
/* The answers of the look-up routes. Numbers come as numbers or as text, and anything may be
 * missing. */
#include "lib/base/text.h"
#include "services/events/webcast/lookup.h"
#include "services/events/webcast/sign.h"

#include <jansson.h>

enum { STATUS_LIVE_ENDED = 4 };
enum { CODE_USER_NOT_FOUND = 19881007, CODE_AGE_RESTRICTED = 4003110, CODE_LOGIN = 20003 };

AUTO_DEFINE(json_t *, json_decref)

static json_t *read_json(const char *text, size_t size)
{
    json_t *json = json_loadb(text, size, 0, NULL);
    if (json_is_object(json))
        return json;
    json_decref(json);
    return NULL;
}

static json_t *read_body(const struct http_reply *reply)
{
    return reply->status == 200 ? read_json(reply->body.data, reply->body.size) : NULL;
}

static int64_t number_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    int64_t number = 0;
    if (json_is_string(value) && text_parse_int(json_string_value(value), 0, INT64_MAX, &number))
        return number;
    return json_integer_value(value);
}

/* No answer to work with: a firewall's page, or none at all. */
static enum webcast_error no_answer(const struct http_reply *reply)
{
    bool refused = reply->status == 200 || reply->status == 403 ||
                   (reply->status >= 300 && reply->status < 400);
    return refused ? WEBCAST_ERROR_BLOCKED : WEBCAST_ERROR_UNREACHABLE;
}

/* user and live_room as both the API and the page have them. */
static struct lookup judge(const json_t *user, const json_t *live_room)
{
    struct lookup offline = {.error = WEBCAST_ERROR_USER_OFFLINE};
    int64_t room_id = number_of(user, "roomId");
    if (room_id <= 0)
        return offline;
    int64_t status = number_of(live_room, "status");
    if (status == 0)
        status = number_of(user, "status");
    return status == STATUS_LIVE_ENDED ? offline : (struct lookup){.room_id = room_id};
}

struct lookup lookup_read_api(const struct http_reply *reply)
{
    AUTO(json_decref) json_t *json = read_body(reply);
    if (!json)
        return (struct lookup){.error = no_answer(reply)};
    const char *message = json_string_value(json_object_get(json, "message"));
    int64_t code = number_of(json, "statusCode");
    if (code == CODE_USER_NOT_FOUND || text_equal(message, "user_not_found"))
        return (struct lookup){.error = WEBCAST_ERROR_USER_NOT_FOUND};
    const json_t *data = json_object_get(json, "data");
    const json_t *user = json_object_get(data, "user");
    if (code != 0 || !json_is_object(user))
        return (struct lookup){.error = WEBCAST_ERROR_UNREACHABLE};
    return judge(user, json_object_get(data, "liveRoom"));
}

struct lookup lookup_read_page(const struct http_reply *reply)
{
    static const char open_tag[] = "<script id=\"SIGI_STATE\"";
    if (reply->status != 200)
        return (struct lookup){.error = no_answer(reply)};
    const char *tag = strstr(reply->body.data, open_tag);
    const char *begin = tag ? strchr(tag, '>') : NULL;
    const char *end = begin ? strstr(begin, "</script>") : NULL;
    if (!end)
        return (struct lookup){.error = WEBCAST_ERROR_BLOCKED};
    AUTO(json_decref) json_t *json = read_json(begin + 1, (size_t)(end - begin - 1));
    if (!json)
        return (struct lookup){.error = WEBCAST_ERROR_BLOCKED};

    const json_t *live = json_object_get(json, "LiveRoom");
    if (!json_is_object(live))
        return (struct lookup){.error = WEBCAST_ERROR_USER_NOT_FOUND};
    const json_t *info = json_object_get(live, "liveRoomUserInfo");
    return judge(json_object_get(info, "user"), json_object_get(info, "liveRoom"));
}

struct lookup lookup_read_signer(const struct http_reply *reply, int64_t now_s)
{
    if (reply->status == 429)
        return (struct lookup){.error = WEBCAST_ERROR_SIGN_RATE_LIMITED,
                               .wait_ms = sign_limit_wait_ms(reply, now_s)};
    if (reply->status >= 401 && reply->status <= 403)
        return (struct lookup){.error = WEBCAST_ERROR_SIGN_AUTH};
    AUTO(json_decref) json_t *json = read_body(reply);
    int64_t room_id = number_of(json, "room_id");
    if (!json || !json_is_true(json_object_get(json, "ok")))
        return (struct lookup){.error = WEBCAST_ERROR_UNREACHABLE};
    if (json_is_false(json_object_get(json, "is_live")) || room_id <= 0)
        return (struct lookup){.error = WEBCAST_ERROR_USER_OFFLINE};
    return (struct lookup){.room_id = room_id};
}

enum webcast_error lookup_read_alive(const struct http_reply *reply)
{
    AUTO(json_decref) json_t *json = read_body(reply);
    if (!json)
        return no_answer(reply);
    const json_t *room = json_array_get(json_object_get(json, "data"), 0);
    const json_t *alive = json_object_get(room, "alive");
    if (!json_is_boolean(alive))
        return WEBCAST_ERROR_UNREACHABLE;
    return json_is_true(alive) ? WEBCAST_ERROR_NONE : WEBCAST_ERROR_USER_OFFLINE;
}

enum webcast_error lookup_read_info(const struct http_reply *reply)
{
    AUTO(json_decref) json_t *json = read_body(reply);
    const json_t *data = json_object_get(json, "data");
    int64_t code = number_of(json, "status_code");
    const json_t *age = json_object_get(data, "age_restricted");
    if (code == CODE_AGE_RESTRICTED || json_is_true(json_object_get(age, "restricted")))
        return WEBCAST_ERROR_AGE_RESTRICTED;
    if (code == CODE_LOGIN)
        return WEBCAST_ERROR_LOGIN_REQUIRED;
    if (json_object_size(data) == 1 && json_object_get(data, "prompts"))
        return WEBCAST_ERROR_LOGIN_REQUIRED;
    return WEBCAST_ERROR_NONE;
}
