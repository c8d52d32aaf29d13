/* SPDX-License-Identifier: MIT */
/* One WebSocket, from the moment that its connection comes: whom it belongs to, the frames that
 * wait to be sent on it, and how it ends. It comes in by the door (door.h) and the handshake; then
 * opening takes a permit (permit.h), and the socket joins its user's room. It is pinged every 25 s,
 * and gone when no pong comes within 10 s. */
#pragma once

#include <libwebsockets.h>

#include "services/gateway/access/tokens.h"
#include "services/gateway/trace.h"
#include "services/gateway/ws/command.h"
#include "services/gateway/ws/frame.h"
#include "services/gateway/ws/replay.h"
#include "services/gateway/ws/state.h"

/* Close codes of ours, beside RFC 6455's. */
enum socket_close_code {
    SOCKET_CLOSE_GOING_AWAY = 1001,
    SOCKET_CLOSE_BROKEN = 1006, /* never sent: there is nobody to read it */
    SOCKET_CLOSE_TOO_LARGE = 1009,
    SOCKET_CLOSE_TRY_LATER = 1013,
    SOCKET_CLOSE_SESSION_ENDED = 4401,
    SOCKET_CLOSE_NOT_ALLOWED = 4403,
    SOCKET_CLOSE_TOO_SLOW = 4408,
    SOCKET_CLOSE_TOO_MANY = 4429,
};

#define SOCKET_COMMAND_MAX_BYTES 4096

/* What the handshake found out. */
struct socket_origin {
    struct trace trace;
    struct token_claims claims; /* of a v1 socket only the user */
    struct uuid v1_token;       /* "": a socket of v2 */
    char address[CLIENT_ADDRESS_SIZE];
    const char *platform;
    int64_t since; /* the seq of the last event that the client has; -1: not asked */
};

/* What the door found out, for the handshake. */
struct socket_entry {
    bool is_held;  /* the client's request is not read yet */
    bool is_known; /* auth was asked about the v1 token: the rest is set */
    enum status status;
    unsigned retry_after_s;
};

struct socket {
    struct ws *ws;
    struct lws *wsi; /* NULL when the connection is gone but auth's answer is still to come */
    struct socket *previous, *next; /* on ws->sockets, when open */
    struct room *room;              /* NULL while opening, and when closing */
    struct socket *older, *newer;   /* in the room */
    struct socket_entry entry;
    struct socket_origin origin;
    struct wheel_timer pulse;  /* the next ping, or the end of waiting for the client */
    struct wheel_timer permit; /* the next question to auth */
    struct replay *replay;     /* NULL for a socket that did not ask for what it missed */
    struct frame_queue queue;
    char *partial; /* what has come so far of a frame in pieces */
    size_t partial_size;
    struct command *early; /* the last command that came before auth's answer */
    unsigned close_code;   /* 0: not closing */
    unsigned attempts;     /* questions to auth */
    bool is_open;          /* the handshake is done */
    bool awaits_auth;
    bool asks_again; /* after auth's answer: something has changed since the question */
    bool owes_ping;
    bool awaits_pong;
};

/* For a connection that has come; the wsi owns it. */
struct socket *socket_new(struct ws *ws, struct lws *wsi);

bool socket_is_v1(const struct socket *socket);

/* The handshake is done. */
void socket_opened(struct socket *socket);

/* Queues a frame; a socket whose queue is full closes as too slow. */
void socket_send(struct socket *socket, struct frame *frame);
void socket_send_text(struct socket *socket, struct slice text);

/* Leaves the room, sends what is queued, and closes. */
void socket_close(struct socket *socket, enum socket_close_code code);

/* May send one frame. Returns what a libwebsockets callback does: -1 closes. */
int socket_writable(struct socket *socket);

/* The client has answered a ping. */
void socket_ponged(struct socket *socket);

/* A piece of a frame from the client. Returns likewise. */
int socket_received(struct socket *socket, const char *data, size_t size, bool is_last);

/* The connection is gone; the socket too, unless auth is still to answer. */
void socket_gone(struct socket *socket);

/* After socket_gone, when auth has answered. */
void socket_free(struct socket *socket);
