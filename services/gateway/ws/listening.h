/* SPDX-License-Identifier: MIT */
/* Where the WebSocket port is. libwebsockets takes an interface's name or address, and listens to
 * the whole world when it does not find it: so what it made of ours is looked at. */
#pragma once

#include "lib/base/address.h"

#include <libwebsockets.h>

/* Writes to info what makes libwebsockets listen on host, an IPv4 or IPv6 address, and port. host
 * is borrowed. False when it is no address. */
MUST_CHECK bool listening_prepare(const char *host, unsigned port,
                                  struct lws_context_creation_info *info,
                                  struct address *ret_address);

/* Whether a socket of this process listens on that address, and none on its port elsewhere. */
MUST_CHECK bool listening_is_only_on(const struct address *address);
