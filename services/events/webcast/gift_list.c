/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/gift_list.h"

#include "lib/base/text.h"
#include "services/events/webcast/browser.h"

#include <inttypes.h>
#include <jansson.h>

#define LIST_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define TYPE_STREAKS 1

AUTO_DEFINE(json_t *, json_decref)

/* ---- reading: anything may be missing, and numbers may come as text ---- */

/* Of 0 to max; false for anything else. */
static bool read_number(const json_t *object, const char *key, int64_t max, int64_t *ret_number)
{
    const json_t *value = json_object_get(object, key);
    if (json_is_string(value))
        return text_parse_int(json_string_value(value), 0, max, ret_number);
    int64_t number = json_is_integer(value) ? json_integer_value(value) : -1;
    if (number < 0 || number > max)
        return false;
    *ret_number = number;
    return true;
}

/* The first URL of a picture; "" for none. */
static const char *url_of(const json_t *gift, const char *key)
{
    const json_t *urls = json_object_get(json_object_get(gift, key), "url_list");
    const char *url = json_string_value(json_array_get(urls, 0));
    return url ? url : "";
}

/* False for what is no gift. */
static bool read_gift(const json_t *json, struct live_gift *ret_gift)
{
    int64_t id = 0, diamonds = 0, type = 0;
    const char *name = json_string_value(json_object_get(json, "name"));
    if (!name || !read_number(json, "id", INT64_MAX, &id) || id == 0 ||
        !read_number(json, "diamond_count", INT32_MAX, &diamonds))
        return false;
    bool combo = json_is_true(json_object_get(json, "combo"));
    bool has_type = read_number(json, "type", INT32_MAX, &type);
    const char *image = url_of(json, "image");
    *ret_gift = (struct live_gift){
        .gift_id = id,
        .name = name,
        .image = *image ? image : url_of(json, "icon"),
        .has_price = true,
        .diamond_count = (int32_t)diamonds,
        .gift_type = (int32_t)type,
        .combo = combo,
        .streakable = combo && has_type && type == TYPE_STREAKS,
    };
    return true;
}

/* NULL when the answer is none to work with: empty, a firewall's page, or a refusal in JSON. */
static json_t *read_answer(const struct http_reply *reply)
{
    if (reply->status != 200)
        return NULL;
    json_t *answer = json_loadb(reply->body.data, reply->body.size, 0, NULL);
    if (json_integer_value(json_object_get(answer, "status_code")) == 0)
        return answer;
    json_decref(answer);
    return NULL;
}

size_t gift_list_read(const struct http_reply *reply, gift_list_fn *on_gift, void *closure)
{
    AUTO(json_decref) json_t *answer = read_answer(reply);
    const json_t *gifts = json_object_get(json_object_get(answer, "data"), "gifts");
    size_t told = 0;
    for (size_t i = 0; i < json_array_size(gifts) && i < GIFT_LIST_MAX; i++) {
        struct live_gift gift;
        if (!read_gift(json_array_get(gifts, i), &gift))
            continue;
        on_gift(closure, &gift);
        told++;
    }
    return told;
}

/* ---- asking ---- */

size_t gift_list_ask(struct http_client *client, const char *webcast_base, int64_t room_id,
                     struct arena *arena, gift_list_fn *on_gift, void *closure)
{
    static const char *const headers[] = {
        "Referer: " BROWSER_ORIGIN "/",
        "Origin: " BROWSER_ORIGIN,
        "Accept: application/json",
        "Accept-Language: en-US,en;q=0.9",
        NULL,
    };
    char id[24];
    (void)snprintf(id, sizeof(id), "%" PRId64, room_id);
    AUTO_BUFFER(url, BROWSER_QUERY_MAX);
    buffer_printf(&url, "%s/webcast/gift/list/", webcast_base);
    browser_add_defaults(&url, http_client_user_agent(client));
    browser_add(&url, "room_id", id);
    struct http_reply reply;
    http_get(client, buffer_text(&url), headers, LIST_MAX_BYTES, arena, &reply);
    return gift_list_read(&reply, on_gift, closure);
}
