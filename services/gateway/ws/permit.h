/* SPDX-License-Identifier: MIT */
/* Whether a socket may be open, and whose live it watches. Auth is asked when it opens, when auth
 * says that the answer has changed or the user is gone, and about every minute in case that word
 * was lost, or a licence has run out. What is no longer allowed is closed; so are sockets whose
 * session has ended, without a question. */
#pragma once

#include "services/gateway/ws/socket.h"

/* Listens for auth's word, until ws->news is freed. STATUS_UNAVAILABLE when NATS is away. */
MUST_CHECK enum status permit_listen(struct ws *ws);

/* Asks now; when auth is being asked already, once more after its answer. A socket that is allowed
 * joins its room, unless it is there. */
void permit_ask(struct socket *socket);

/* Asks auth about the socket's v1 token, rpc.auth.open_v1_socket, and calls done with the answer.
 */
void permit_ask_v1(struct socket *socket, ws_reply_fn done);

/* Closes the sockets whose sessions have ended by now. */
void permit_look_through(struct ws *ws);
