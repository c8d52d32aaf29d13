/* SPDX-License-Identifier: MIT */
/* The setting that names another server's voices: "alloy, anna=ru, boris=ru-RU". */
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/status.h"

#include <stddef.h>

#define VOICE_LIST_MAX 64
#define VOICE_NAME_MAX 64 /* letters and digits of ASCII, and "._+/-" */
#define VOICE_LANG_MAX 35 /* BCP 47: two or three letters, then subtags */

struct voice_entry {
    char name[VOICE_NAME_MAX + 1];
    char lang[VOICE_LANG_MAX + 1]; /* "": none was given */
};

struct voice_list {
    struct voice_entry entries[VOICE_LIST_MAX];
    size_t count;
};

/* White space around names and languages does not count, nor do empty entries. STATUS_INVALID when
 * anything is wrong, which problems then says, a sentence each. */
MUST_CHECK enum status voice_list_parse(const char *text, struct voice_list *ret_list,
                                        struct buffer *problems);
