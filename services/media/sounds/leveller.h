/* SPDX-License-Identifier: MIT */
/* Makes sounds equally loud. An upload is answered as soon as it is known to be a sound; measuring
 * it (EBU R128) and making its louder or quieter copy cost ten times as much, and come after, in a
 * thread and a worker of low priority. Which sounds wait for that is written in their rows, so that
 * a daemon that dies leaves them to the next one; replicas may level at once. */
#pragma once

#include "lib/base/metrics.h"
#include "lib/pg/pg.h"
#include "services/media/audio/audio.h"
#include "services/media/config.h"

struct leveller;

struct leveller_options {
    int root; /* the media root; borrowed */
    const struct media_config *config;
    const struct pg_options *database; /* borrowed */
    struct audio *audio;               /* its own, of low priority; borrowed */
    struct metrics *metrics;           /* may be NULL */
};

struct leveller *leveller_start(const struct leveller_options *options);

/* A sound was stored. Unless others are to be levelled, or come in a rush, waits until this one is,
 * wait_ms at most: who uploads hears the sound as it will stay. */
void leveller_tell(struct leveller *leveller, unsigned wait_ms);

/* Stops its audio, too: the sound in hand is broken off, and left to the next start. Takes NULL. */
void leveller_stop(struct leveller *leveller);
