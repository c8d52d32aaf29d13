/* SPDX-License-Identifier: MIT */
/* A user's sockets at this gateway: one subscription to the user's live events, and one watch
 * (watching.h), however many sockets there are. */
#pragma once

#include "services/gateway/ws/socket.h"

/* Adds a socket to its user's room, which is made for the first; the oldest makes place when there
 * are too many. */
void room_join(struct socket *socket);

/* Does nothing for a socket without a room. The room goes with its last socket. */
void room_leave(struct socket *socket);

/* Auth's word on whose live the user watches, "" for none; has_feed: then the test feed. */
void room_set_default(struct room *room, const char *username, bool has_feed);

/* A socket has joined: watches for it, unless TT_WS_AUTOSTART=0 leaves that to the client (the test
 * feed comes all the same), or, where something is being watched already, has it told how things
 * stand. */
void room_greet(struct room *room);

/* Watches from now on, the live of username unless that is NULL. False when there is no name. */
MUST_CHECK bool room_connect(struct room *room, const char *username);

/* Whether that is another name than that of the live, and than the client said last. */
bool room_is_other(const struct room *room, const char *username);

/* Ends the watch, and tells the sockets. */
void room_disconnect(struct room *room);

/* The user has chosen a live over HTTP, or none any more (NULL): the sockets here follow, if there
 * are any. */
void room_follow(struct ws *ws, const char *user_id, const char *username);

/* Sends a frame to all sockets. */
void room_tell(struct room *room, struct slice text);

/* The user's sockets here, if there are any, ask auth again whether they are allowed. */
void room_ask_permits(struct ws *ws, const char *user_id);

/* Since when the room hears the user's events: monotonic. */
int64_t room_subscribed_ms(const struct room *room);

/* The bus was lost: what comes next waits until sockets have read what they missed, after
 * rooms_resume. Those of the old API, which has no numbers, have missed it. */
void rooms_cut(struct ws *ws);

/* The bus is back. */
void rooms_resume(struct ws *ws);
