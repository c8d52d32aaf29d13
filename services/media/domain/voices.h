/* SPDX-License-Identifier: MIT */
/* The voices on offer, all spoken by espeak-ng. The ids that clients of the old backend have stored
 * stay valid. Voices are constants: never freed, and compared by address. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum voice_sex { VOICE_FEMALE, VOICE_MALE };

struct voice {
    const char *id;
    const char *name;
    const char *lang; /* as BCP 47: "ru-RU", "de" */
    enum voice_sex sex;
    const char *engine; /* "local" */
    const char *espeak; /* language and variant for espeak-ng: "ru+f3" */
    unsigned speed_wpm;
    unsigned pitch;   /* 0..99 */
    uint32_t scripts; /* those that it can read, of enum script */
};

const struct voice *voices_list(size_t *ret_count);

/* NULL when there is none of that id. */
const struct voice *voices_find(const char *id);

/* Never NULL: for an unknown id the first voice of the language that the id names
 * ("de-DE-KatjaNeural", "gtts-fr"), else (and for NULL) the default voice. */
const struct voice *voices_get(const char *id);

/* The one to read text with: voice, unless another can read more of its letters; then that
 * language's default, of the same sex if there is one. */
const struct voice *voices_for_text(const struct voice *voice, const char *text);
