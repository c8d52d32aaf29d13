/* SPDX-License-Identifier: MIT */
/* Finds a streamer's room, and whether it is live. Several routes lead there, and each can be
 * closed: the API by name, the live's page, the sign server where it may be asked, then two checks
 * by room id. Live and offline are answers; all else sends us to the next route. */
#pragma once

#include "services/events/webcast/http_client.h"
#include "services/events/webcast/webcast.h"

struct lookup {
    enum webcast_error error; /* WEBCAST_ERROR_NONE: live, in room_id */
    int64_t room_id;
    int64_t wait_ms; /* SIGN_RATE_LIMITED: how long the sign server wants to be left alone */
};

/* Asks TikTok, by every route that is needed. known_room_id is that of the streamer's last live, or
 * 0: where names lead nowhere, it is looked at whether that one is on. Blocks. */
struct lookup lookup_by_name(struct http_client *client, const struct webcast_options *options,
                             const char *name, int64_t known_room_id, struct arena *arena);

/* Asks the sign server, which counts against its limits, and then TikTok about the room.
 * SIGN_RATE_LIMITED, or SIGN_AUTH: it doesn't do this for our key. Blocks. */
struct lookup lookup_by_signer(struct http_client *client, const struct webcast_options *options,
                               const char *name, struct arena *arena);

/* One cheap request: WEBCAST_ERROR_NONE or WEBCAST_ERROR_USER_OFFLINE, or why that isn't known. */
enum webcast_error lookup_by_room(struct http_client *client, const struct webcast_options *options,
                                  int64_t room_id, struct arena *arena);

/* ---- what the routes answer ---- */

/* The API by name. */
struct lookup lookup_read_api(const struct http_reply *reply);
/* The page of the live. */
struct lookup lookup_read_page(const struct http_reply *reply);
/* The sign server's; now_s is the wall clock's, in seconds. */
struct lookup lookup_read_signer(const struct http_reply *reply, int64_t now_s);
/* The check of one room id. */
enum webcast_error lookup_read_alive(const struct http_reply *reply);
/* The room's description: only what forbids watching it is an error. */
enum webcast_error lookup_read_info(const struct http_reply *reply);
