/* SPDX-License-Identifier: MIT */
/* The catalogue of gifts, shared by all replicas. It names GIFTS_MAX at most. */
#pragma once

#include "lib/api/list.h"
#include "lib/pg/pg.h"
#include "services/events/domain/gift_set.h"

#define GIFTS_MAX 5000
#define GIFTS_IMAGE_HOURS 24 /* a picture's URL is taken to be good for so long */

/* Writes down what was seen just now, all or nothing; no two have the same id. A gift that comes
 * without a picture keeps the one that it has. */
MUST_CHECK enum status gifts_upsert(struct pg *db, const struct gift *gifts, size_t count);

/* All gifts, the cheapest first, then by name; texts in the arena. */
MUST_CHECK enum status gifts_list(struct pg *db, struct arena *arena, struct gift **ret_gifts,
                                  size_t *ret_count);

/* The names in that order, each once. */
MUST_CHECK enum status gifts_list_names(struct pg *db, struct arena *arena, struct list *ret_names);

/* STATUS_NOT_FOUND for an id that no gift has. */
MUST_CHECK enum status gifts_find(struct pg *db, struct arena *arena, int64_t id,
                                  struct gift *ret_gift);

/* Whether TikTok may be asked for its list now, since no replica did in the last every_s seconds;
 * who may, has. STATUS_NOT_FOUND: not yet. */
MUST_CHECK enum status gift_list_claim(struct pg *db, int64_t every_s);
