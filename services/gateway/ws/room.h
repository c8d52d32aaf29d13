/* SPDX-License-Identifier: MIT */
/* A user's sockets at this gateway: one subscription to the user's live events, and one request to
 * watch the user's live every 10 s, however many sockets there are. */
#pragma once

#include "services/gateway/ws/socket.h"

#define ROOM_SOCKETS_MAX 5

/* Adds a socket to its user's room, which is made for the first; the oldest makes place when there
 * are too many. username: whose live to watch. */
void room_join(struct socket *socket, const char *username);

/* Does nothing for a socket without a room. The room goes with its last socket. */
void room_leave(struct socket *socket);

/* Watches from now on, the live of username unless that is NULL. */
void room_connect(struct room *room, const char *username);

/* Stops renewing the watch, which then ends by itself, and tells the sockets. */
void room_disconnect(struct room *room);

/* The user's sockets here, if there are any, ask auth again whether they are allowed. */
void room_ask_permits(struct ws *ws, const char *user_id);

/* Renews the watches that are due. */
void rooms_tick(struct ws *ws);
