/* SPDX-License-Identifier: MIT */
/* Where a sign server's answer points us to, and whether we go there. */
#pragma once

#include "gen/webcast.pb-c.h"
#include "lib/base/arena.h"

#include <stdbool.h>

#define TARGET_URL_MAX_BYTES 8192

struct target {
    bool tls;
    int port;
    const char *host;
    const char *authority; /* host, with its port where that isn't the usual one */
    const char *address;   /* the host's, once resolved */
    const char *path;      /* with its query */
};

/* The socket's address for this room, from push server, cursor and route parameters, for the user
 * agent that the signature belongs to. False when the push server's is no ws:// or wss:// address,
 * or the whole is too long. */
MUST_CHECK bool target_make(const Webcast__ProtoMessageFetchResult *result, int64_t room_id,
                            const char *user_agent, struct arena *arena, struct target *ret_target);

/* Looks the host's address up, which blocks; libwebsockets would do so too, in the thread of all
 * sockets. */
MUST_CHECK bool target_resolve(struct target *target, struct arena *arena);

/* hosts is comma-separated: "*.tiktok.com" stands for all below it, over TLS; a host's own name
 * also for itself without TLS. */
bool target_is_allowed(const struct target *target, const char *hosts);
