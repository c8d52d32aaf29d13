/* SPDX-License-Identifier: MIT */
/* gzip with one compressor for all frames: making one costs more than a frame. */
#pragma once

#include "lib/base/arena.h"
#include "lib/base/buffer.h"

struct gzip;

struct gzip *gzip_new(void);

/* The compressed bytes, in the arena. As in recorded frames a sync flush stands before the end. */
struct slice gzip_pack(struct gzip *gzip, struct arena *arena, struct slice plain);

void gzip_free(struct gzip *gzip);
