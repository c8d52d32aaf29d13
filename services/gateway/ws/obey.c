/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/obey.h"

#include "lib/base/clock.h"
#include "services/gateway/access/limits_client.h"
#include "services/gateway/ws/notice.h"
#include "services/gateway/ws/room.h"

/* ---- answers ---- */

static void send_pong(struct socket *socket)
{
    AUTO_BUFFER(notice, NOTICE_MAX_BYTES);
    notice_pong(&notice);
    socket_send_text(socket, buffer_slice(&notice));
}

static void tell_error(struct socket *socket, const char *message, const char *code)
{
    AUTO_BUFFER(notice, NOTICE_MAX_BYTES);
    notice_error(&notice, message, code);
    socket_send_text(socket, buffer_slice(&notice));
}

/* ---- doing ---- */

/* Counts one of the class; the client is told when it is too many. */
static bool is_allowed(struct socket *socket, enum route_rate rate)
{
    const struct socket_origin *origin = &socket->origin;
    const struct limits_key key = limits_client_key(&origin->claims, origin->address);
    struct limits_verdict verdict =
        limits_take(socket->ws->gateway->limits, rate, &key, clock_mono_ns());
    if (verdict.is_refused)
        tell_error(socket, "too many commands", "rate_limited");
    return !verdict.is_refused;
}

static void connect_live(struct socket *socket, const struct command *command)
{
    const char *username = *command->username ? command->username : NULL;
    if (command->has_bad_username) {
        tell_error(socket, "invalid username", "user_not_found");
        return;
    }
    if (username && room_is_other(socket->room, username) && !is_allowed(socket, ROUTE_RATE_LIVE))
        return;
    if (!room_connect(socket->room, username))
        tell_error(socket, "username required", "username_required");
}

static void run(struct socket *socket, const struct command *command)
{
    if (command->action == COMMAND_CONNECT)
        connect_live(socket, command);
    else if (command->action == COMMAND_DISCONNECT)
        room_disconnect(socket->room);
}

/* While auth has not answered there is no room to command: the last command waits. */
static void defer(struct socket *socket, const struct command *command)
{
    if (!socket->early)
        socket->early = malloc(sizeof(*socket->early));
    if (!socket->early)
        abort();
    *socket->early = *command;
}

void obey(struct socket *socket, struct slice text)
{
    struct command command = command_parse(text);
    if (command.action == COMMAND_NONE)
        return;
    if (command.action == COMMAND_PING)
        send_pong(socket);
    else if (!is_allowed(socket, ROUTE_RATE_OTHER))
        return;
    else if (socket->room)
        run(socket, &command);
    else
        defer(socket, &command);
}

void obey_early(struct socket *socket)
{
    if (socket->early)
        run(socket, socket->early);
}
