/* SPDX-License-Identifier: MIT */
/* TikTok names, as people type and paste them. */
#pragma once

#include "lib/base/arena.h"

#include <stdbool.h>

/* The plain name: from "@Name", "https://www.tiktok.com/@name/live?x=1" or " name " to "name",
 * lower-case, of a-z 0-9 _ . (and -, which our own usernames may have), up to 64 characters. NULL
 * for anything else. */
const char *webcast_name_normalise(struct arena *arena, const char *text);

/* Whether a normalised name can be TikTok's, which are shorter (24 characters) and have no -. */
bool webcast_name_is_possible(const char *name);
