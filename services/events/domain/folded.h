/* SPDX-License-Identifier: MIT */
/* Text for comparing: case, width and composition no longer matter, in any script. */
#pragma once

#include "lib/base/arena.h"

#define FOLDED_MAX_BYTES ((size_t)16 * 1024) /* of a text: the rest does not count */

/* Unicode's full case folding in NFKC (UAX 15, toNFKC_Casefold but for its ignorable characters),
 * without white space at its ends, in the arena. Malformed UTF-8 becomes U+FFFD. NULL gives NULL.
 */
const char *folded(struct arena *arena, const char *text);

/* A TikTok name for comparing: folded, and without any @. */
const char *folded_name(struct arena *arena, const char *text);
