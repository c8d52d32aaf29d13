/* SPDX-License-Identifier: MIT */
/* Finds a streamer's room, and whether it is live. Several routes lead there, and each can be
 * closed: the API by name, the live's page, the sign server, then two checks by room id. */
#pragma once

#include "services/events/webcast/http_client.h"
#include "services/events/webcast/webcast.h"

struct lookup {
    enum webcast_error error; /* WEBCAST_ERROR_NONE: live, in room_id */
    int64_t room_id;
};

/* Asks every route that is needed. Blocks. */
struct lookup lookup_by_name(struct http_client *client, const struct webcast_options *options,
                             const char *name, struct arena *arena);

/* One cheap request: WEBCAST_ERROR_NONE or WEBCAST_ERROR_USER_OFFLINE, or why that isn't known. */
enum webcast_error lookup_by_room(struct http_client *client, const struct webcast_options *options,
                                  int64_t room_id, struct arena *arena);

/* ---- what the routes answer ---- */

/* The API by name. */
struct lookup lookup_read_api(const struct http_reply *reply);
/* The page of the live. */
struct lookup lookup_read_page(const struct http_reply *reply);
/* The sign server's. */
struct lookup lookup_read_signer(const struct http_reply *reply);
/* The check of one room id. */
enum webcast_error lookup_read_alive(const struct http_reply *reply);
/* The room's description: only what forbids watching it is an error. */
enum webcast_error lookup_read_info(const struct http_reply *reply);
