/* SPDX-License-Identifier: MIT */
/* What the HTTP side serves: TikTok's pages and API, the sign server, and the control API under
 * /_sim/. */
#pragma once

#include "tools/webcast-sim/http.h"
#include "tools/webcast-sim/sim.h"

/* The socket's path, on any host. */
#define ROUTES_SOCKET_PATH "/webcast/im/ws_proxy/ws_reuse_supplement/"

/* Answers the request; 404 where there is no route. */
void routes_serve(struct sim *sim, struct request *request, struct reply *reply);

/* A WebSocket upgrade: the room it is for, or NULL and why not. */
struct room *routes_upgrade(struct sim *sim, const struct request *request,
                            struct refusal *ret_refusal);

/* pages.c */
void page_home(struct sim *sim, const struct request *request, struct reply *reply);
void page_live(struct sim *sim, const struct request *request, struct reply *reply);
void page_user_room(struct sim *sim, const struct request *request, struct reply *reply);
void page_check_alive(struct sim *sim, const struct request *request, struct reply *reply);
void page_room_info(struct sim *sim, const struct request *request, struct reply *reply);
void page_poll(struct sim *sim, const struct request *request, struct reply *reply);

/* gift_list.c */
void page_gift_list(struct sim *sim, const struct request *request, struct reply *reply);

/* sign.c */
void sign_fetch(struct sim *sim, const struct request *request, struct reply *reply);
void sign_connect(struct sim *sim, const struct request *request, struct reply *reply);
void sign_room_id(struct sim *sim, const struct request *request, struct reply *reply);
void sign_rate_limits(struct sim *sim, const struct request *request, struct reply *reply);

/* control.c, control_room.c */
void control_ready(struct sim *sim, const struct request *request, struct reply *reply);
void control_stats(struct sim *sim, const struct request *request, struct reply *reply);
void control_sign(struct sim *sim, const struct request *request, struct reply *reply);
void control_pages(struct sim *sim, const struct request *request, struct reply *reply);
void control_gifts(struct sim *sim, const struct request *request, struct reply *reply);
void control_room_get(struct sim *sim, const struct request *request, struct reply *reply);
void control_delivered(struct sim *sim, const struct request *request, struct reply *reply);
void control_room_set(struct sim *sim, const struct request *request, struct reply *reply);
void control_event(struct sim *sim, const struct request *request, struct reply *reply);
void control_raw(struct sim *sim, const struct request *request, struct reply *reply);
void control_message(struct sim *sim, const struct request *request, struct reply *reply);
void control_drop(struct sim *sim, const struct request *request, struct reply *reply);
void control_stall(struct sim *sim, const struct request *request, struct reply *reply);
