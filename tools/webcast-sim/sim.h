/* SPDX-License-Identifier: MIT */
/* All that one simulator holds. It has a single thread, so nothing here is locked. */
#pragma once

#include "tools/webcast-sim/bootstrap.h"
#include "tools/webcast-sim/mode.h"
#include "tools/webcast-sim/options.h"
#include "tools/webcast-sim/replay.h"
#include "tools/webcast-sim/rooms.h"

#define SIM_USER_AGENTS 16
#define SIM_TEXT_SIZE 256

struct sim {
    const struct options *options;
    struct arena *scratch; /* of the callback that runs; the server resets it afterwards */
    struct gzip *gzip;
    struct replay *replay;           /* NULL to play the script */
    const struct scenario *scenario; /* that rooms start with */
    struct rooms rooms;
    struct bootstraps *bootstraps;
    struct mode sign;
    struct mode pages;
    struct mode gifts;
    int64_t sign_wait_s; /* told by 429s */
    int64_t last_msg_id;

    int64_t sign_calls[SIGN_MODE_COUNT]; /* by what was answered */
    int64_t page_calls[PAGES_MODE_COUNT];
    int64_t gift_calls[GIFTS_MODE_COUNT];
    char user_agents[SIM_USER_AGENTS][SIM_TEXT_SIZE]; /* distinct ones, of signer and socket */
    char last_error[SIM_TEXT_SIZE];
};

/* False, logged, when an option names something that isn't there. */
MUST_CHECK bool sim_init(struct sim *sim, const struct options *options);

/* 19 digits, never given twice, not even after a restart. */
int64_t sim_next_msg_id(struct sim *sim);

/* Remembers that a client did something wrong, and logs it unless it is the last error again. */
void sim_client_error(struct sim *sim, const char *room, const char *what);

void sim_note_user_agent(struct sim *sim, const char *user_agent);

/* Frees all; the rooms' clients are gone by then. */
void sim_done(struct sim *sim);
