/* SPDX-License-Identifier: MIT */
/* Where connections wait until it is known who they are. The library wants a handshake decided at
 * once when it has read it, but only auth knows whose a v1 token is. So a connection is held, with
 * nothing read from it, while we look at what has come (MSG_PEEK): a request for /ws/<token> waits
 * for auth's answer, everything else goes in as soon as its first bytes tell so.
 * docs/adr/0014-the-door.md */
#pragma once

#include "services/gateway/ws/socket.h"

/* Where a v1 socket's path begins; the token follows. */
#define DOOR_V1_PATH "/ws/"

/* After the context was made. False when there are no descriptors left. */
MUST_CHECK bool door_open(struct ws *ws);

/* For LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED: 0, or -1, which hangs up, when too many
 * connections are waiting. The wsi gets its socket. */
int door_enter(struct ws *ws, struct lws *wsi);

/* For LWS_CALLBACK_RAW_RX_FILE of the door itself: something has come from those who wait. */
void door_look(struct ws *ws);
