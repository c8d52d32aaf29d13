/* SPDX-License-Identifier: MIT */
/* One port with HTTP and WebSocket on it, one thread, and the clock tick that plays the rooms. */
#pragma once

#include "tools/webcast-sim/sim.h"

struct server;

/* NULL, logged, when it can't listen. */
struct server *server_open(struct sim *sim);

/* Serves until SIGTERM or SIGINT, which the caller has blocked. */
void server_run(struct server *server);

void server_close(struct server *server);
