/* SPDX-License-Identifier: MIT */
/* Who may open a socket. The cookie ttwid belongs to one user agent; a signed bootstrap also to one
 * room, one connection and 30 seconds. A socket without a signature (the direct mode) needs the
 * cookie alone. */
#pragma once

#include "tools/webcast-sim/frame.h"
#include "tools/webcast-sim/http.h"

struct bootstraps;

/* What a refused handshake says: HTTP 200 with these as Handshake-Msg and Handshake-Status. */
struct refusal {
    const char *message;
    const char *status;
};

struct bootstraps *bootstraps_new(uint64_t seed);

/* "ttwid=…" for that user agent. */
char *bootstrap_cookie(struct arena *arena, const char *user_agent);

/* Signs: gives the route parameter wrss, and the head from which cursor and internal_ext are made.
 */
char *bootstrap_issue(struct bootstraps *bootstraps, struct arena *arena, int64_t room_id,
                      struct frame_head *ret_head);

/* Whether the upgrade may proceed: NULL, or why not. Uses the bootstrap up. */
const struct refusal *bootstrap_redeem(struct bootstraps *bootstraps,
                                       const struct request *request);

void bootstraps_free(struct bootstraps *bootstraps);
