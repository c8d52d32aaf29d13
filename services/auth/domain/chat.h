/* SPDX-License-Identifier: MIT */
/* What a user sets about chat, brought into the form in which it is stored: white space of every
 * kind is one space, none at the ends; control characters are dropped. */
#pragma once

#include "lib/base/arena.h"

/* The characters that begin a message to be spoken: without white space, the first 8; "." when
 * there is none. */
const char *chat_prefixes_fold(struct arena *arena, const char *text);

/* A word or phrase that is not spoken. NULL when nothing of it is left. */
const char *chat_word_fold(struct arena *arena, const char *text);

/* Somebody whose messages are not spoken: as a username where it can be one, else as typed. NULL
 * when nothing of it is left. */
const char *chat_user_fold(struct arena *arena, const char *text);
