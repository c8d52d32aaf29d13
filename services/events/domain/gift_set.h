/* SPDX-License-Identifier: MIT */
/* The gifts that this replica has seen, and which of them are to be written down: what is new, or
 * has another name or price, or its first picture, at once, and each again every GIFT_SET_FRESH_MS,
 * since the URLs of pictures expire. Past GIFT_SET_MAX new ones are left out. Time is passed in
 * (monotonic ms). Not thread-safe. */
#pragma once

#include "lib/base/arena.h"
#include "services/events/domain/live_event.h"

#define GIFT_SET_MAX 5000
#define GIFT_SET_FRESH_MS (6 * 3600 * 1000)
#define GIFT_NAME_MAX_BYTES 128
#define GIFT_IMAGE_MAX_BYTES 512

/* A gift of the catalogue. */
struct gift {
    int64_t id;
    const char *name;      /* as TikTok sends it, in English */
    int64_t diamond_count; /* of one */
    const char *image;     /* a URL; NULL: none that is known to be good */
};

struct gift_set;

struct gift_set *gift_set_new(void);

/* Takes note of a gift; one without its description tells nothing, nor does one with a name that is
 * too long. A picture that is too long, or not behind https, is none. True when there is something
 * more to be written. */
bool gift_set_add(struct gift_set *set, const struct live_gift *gift, int64_t now_ms);

/* A gift that is written down already. */
void gift_set_know(struct gift_set *set, const struct gift *gift, int64_t now_ms);

/* What is known of a gift; the name is copied. False for one that nobody has described. */
MUST_CHECK bool gift_set_describe(const struct gift_set *set, int64_t id,
                                  char ret_name[GIFT_NAME_MAX_BYTES + 1],
                                  int64_t *ret_diamond_count);

/* Hands out gifts that are to be written, each once, max at most; the texts are copied to the
 * arena. */
size_t gift_set_take(struct gift_set *set, int64_t now_ms, struct arena *arena, struct gift *gifts,
                     size_t max);

/* They could not be written: they are handed out again. */
void gift_set_give_back(struct gift_set *set, const struct gift *gifts, size_t count);

/* Takes NULL. */
void gift_set_free(struct gift_set *set);
