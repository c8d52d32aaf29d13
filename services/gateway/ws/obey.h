/* SPDX-License-Identifier: MIT */
/* What clients command on their sockets is done, within the rate limits: all but pings count as
 * requests, and who chooses another live counts once more, for that has it looked up at TikTok. A
 * command that is too many is answered with an error, and changes nothing. */
#pragma once

#include "services/gateway/ws/socket.h"

/* Does it, if the text is a command; before the socket is in its room, the last one waits. */
void obey(struct socket *socket, struct slice text);

/* The socket is in its room now: does what has waited. */
void obey_early(struct socket *socket);
