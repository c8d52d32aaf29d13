/* SPDX-License-Identifier: MIT */
/* Numbers as people write them, and what goes with them. */
#pragma once

#include "services/media/domain/reading_language.h"

/* Writes the number that text begins with, and what belongs to it: its unit, its ending. Returns
 * its bytes. leading is the money whose sign stands before it, NULL for none. language may be NULL:
 * then only the spaces within a number go. */
size_t reading_put_number(struct buffer *out, const struct reading_language *language,
                          const char *text, const struct reading_unit *leading);
