/* SPDX-License-Identifier: MIT */
/* How long a reader stops between two stretches of text that are spoken one by one. */
#pragma once

#include <stddef.h>

#define PAUSE_SENTENCE_MS 250
#define PAUSE_CLAUSE_MS 150
#define PAUSE_WORD_MS 60 /* where one voice gives way to another */

/* Milliseconds between before and after, as the mark that before ends with has it; 0 inside a word,
 * and at the text's end. */
unsigned pause_between(const char *before, const char *after);
