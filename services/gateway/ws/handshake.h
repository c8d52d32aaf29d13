/* SPDX-License-Identifier: MIT */
/* What comes to the WebSocket port as HTTP: a handshake for /v2/ws or /ws/<token> is checked;
 * everything else is answered with an error. */
#pragma once

#include "services/gateway/ws/socket.h"

/* For LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: 0 accepts; -1 after a refusal, which hangs up. */
int handshake_check(struct socket *socket);

/* For LWS_CALLBACK_HTTP, a request that is no handshake: refuses. */
int handshake_refuse_http(struct lws *wsi);
