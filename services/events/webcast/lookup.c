/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/lookup.h"

#include "lib/base/clock.h"
#include "services/events/webcast/browser.h"
#include "services/events/webcast/names.h"
#include "services/events/webcast/sign.h"

#include <inttypes.h>

#define PAGE_MAX_BYTES ((size_t)2 * 1024 * 1024)
#define API_MAX_BYTES ((size_t)512 * 1024)

static const char *const browser_headers[] = {
    "Referer: https://www.tiktok.com/",
    "Origin: https://www.tiktok.com",
    "Accept: text/html,application/json,application/protobuf",
    "Accept-Language: en-US,en;q=0.9",
    "Cookie: tt-target-idc=useast1a",
    NULL,
};

/* What one of the routes by name needs. */
struct request {
    struct http_client *client;
    const struct webcast_options *options;
    const char *name;
    struct arena *arena;
};

typedef struct lookup route_fn(const struct request *request);

static struct lookup ask_api(const struct request *request)
{
    AUTO_BUFFER(url, BROWSER_QUERY_MAX);
    buffer_printf(&url,
                  "%s/api-live/user/room/?aid=1988&app_name=tiktok_web&device_platform=web_pc"
                  "&app_language=en&browser_language=en-US&region=US&user_is_login=false"
                  "&sourceType=54&staleTime=600000",
                  request->options->web_base);
    browser_add(&url, "uniqueId", request->name);
    struct http_reply reply;
    http_get(request->client, buffer_text(&url), browser_headers, API_MAX_BYTES, request->arena,
             &reply);
    return lookup_read_api(&reply);
}

/* A normalised name needs no encoding. */
static struct lookup ask_page(const struct request *request)
{
    AUTO_BUFFER(url, BROWSER_QUERY_MAX);
    buffer_printf(&url, "%s/@%s/live", request->options->web_base, request->name);
    struct http_reply reply;
    http_get(request->client, buffer_text(&url), browser_headers, PAGE_MAX_BYTES, request->arena,
             &reply);
    return lookup_read_page(&reply);
}

/* Live or offline is an answer; that there's no such user is not believed at once, since the API
 * says so of some restricted hosts too. */
static struct lookup find_room(const struct request *request)
{
    static route_fn *const routes[] = {ask_api, ask_page};
    struct lookup best = {.error = WEBCAST_ERROR_UNREACHABLE};
    for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
        struct lookup found = routes[i](request);
        if (found.error == WEBCAST_ERROR_NONE || found.error == WEBCAST_ERROR_USER_OFFLINE)
            return found;
        bool better =
            best.error == WEBCAST_ERROR_UNREACHABLE || found.error == WEBCAST_ERROR_USER_NOT_FOUND;
        if (better)
            best = found;
    }
    return best;
}

static void get_by_room(struct http_client *client, const struct webcast_options *options,
                        const char *path, const char *key, int64_t room_id, struct arena *arena,
                        struct http_reply *ret_reply)
{
    char id[24];
    snprintf(id, sizeof(id), "%" PRId64, room_id);
    AUTO_BUFFER(url, BROWSER_QUERY_MAX);
    buffer_printf(&url, "%s%s", options->webcast_base, path);
    browser_add_defaults(&url, http_client_user_agent(client));
    browser_add(&url, key, id);
    http_get(client, buffer_text(&url), browser_headers, API_MAX_BYTES, arena, ret_reply);
}

enum webcast_error lookup_by_room(struct http_client *client, const struct webcast_options *options,
                                  int64_t room_id, struct arena *arena)
{
    struct http_reply reply;
    get_by_room(client, options, "/webcast/room/check_alive/", "room_ids", room_id, arena, &reply);
    return lookup_read_alive(&reply);
}

/* A room that was found: is it on, and may it be watched? */
static struct lookup check_room(const struct request *request, int64_t room_id)
{
    struct lookup offline = {.error = WEBCAST_ERROR_USER_OFFLINE};
    if (lookup_by_room(request->client, request->options, room_id, request->arena) ==
        WEBCAST_ERROR_USER_OFFLINE)
        return offline;

    struct http_reply reply;
    get_by_room(request->client, request->options, "/webcast/room/info/", "room_id", room_id,
                request->arena, &reply);
    return (struct lookup){.error = lookup_read_info(&reply), .room_id = room_id};
}

/* A new live has a room of its own, so that the last one is over proves nothing. */
static bool is_still_on(const struct request *request, int64_t room_id)
{
    return room_id != 0 && lookup_by_room(request->client, request->options, room_id,
                                          request->arena) == WEBCAST_ERROR_NONE;
}

struct lookup lookup_by_name(struct http_client *client, const struct webcast_options *options,
                             const char *name, int64_t known_room_id, struct arena *arena)
{
    if (!webcast_name_is_possible(name))
        return (struct lookup){.error = WEBCAST_ERROR_USER_NOT_FOUND};
    const struct request request = {client, options, name, arena};
    struct lookup found = find_room(&request);
    bool is_unknown =
        found.error == WEBCAST_ERROR_BLOCKED || found.error == WEBCAST_ERROR_UNREACHABLE;
    if (is_unknown && is_still_on(&request, known_room_id))
        found = (struct lookup){.room_id = known_room_id};
    return found.error == WEBCAST_ERROR_NONE ? check_room(&request, found.room_id) : found;
}

/* The path, and the one that older servers have. */
static void ask_signer(const struct request *request, bool at_old_path,
                       struct http_reply *ret_reply)
{
    const struct webcast_options *options = request->options;
    const char *key = arena_printf(request->arena, "x-api-key: %s", options->sign_api_key);
    const char *const headers[] = {options->sign_api_key[0] ? key : NULL, NULL};
    AUTO_BUFFER(url, BROWSER_QUERY_MAX);
    sign_begin_url(&url, options);
    if (at_old_path)
        buffer_printf(&url, "/webcast/room_id?uniqueId=%s", request->name);
    else
        buffer_printf(&url, "/webcast/anchors/%s/room_id", request->name);
    http_get(request->client, buffer_text(&url), headers, API_MAX_BYTES, request->arena, ret_reply);
}

struct lookup lookup_by_signer(struct http_client *client, const struct webcast_options *options,
                               const char *name, struct arena *arena)
{
    const struct request request = {client, options, name, arena};
    struct http_reply reply;
    ask_signer(&request, false, &reply);
    if (reply.status == 404)
        ask_signer(&request, true, &reply);
    struct lookup found = lookup_read_signer(&reply, clock_wall_ms() / 1000);
    return found.error == WEBCAST_ERROR_NONE ? check_room(&request, found.room_id) : found;
}
