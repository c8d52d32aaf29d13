/* SPDX-License-Identifier: MIT */
/* The voices on offer: local ones, spoken by espeak-ng, and those that another server speaks. The
 * ids that clients of the old backend have stored stay valid. A voice is never freed, and compared
 * by address. */
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/status.h"
#include "services/media/domain/voice_list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VOICES_REMOTE_PREFIX "http:" /* of their ids */
#define VOICES_REMOTE_MAX VOICE_LIST_MAX

enum voice_sex { VOICE_FEMALE, VOICE_MALE, VOICE_SEX_UNKNOWN };

struct voice {
    const char *id;
    const char *name;
    const char
        *lang; /* as BCP 47: "ru-RU", "de"; NULL: a remote one, that speaks what it is given */
    enum voice_sex sex;
    const char *engine; /* "local", or "http": another server speaks */
    const char *espeak; /* language and variant for espeak-ng: "ru+f3"; NULL: a remote one */
    const char *remote; /* the other server's name for it; NULL: a local one */
    unsigned speed_wpm; /* 0: a remote one */
    unsigned pitch;     /* 0..99 */
    uint32_t scripts;   /* those that it reads well, of enum script */
    bool spells_latin;  /* it gets through Latin letters too, by espeak-ng's English rules */
};

/* Adds the other server's voices, in place of those that an earlier call has added. list is of
 * names, each with or without a language: "alloy, anna=ru, boris=ru-RU". What is wrong with it goes
 * to problems, a sentence each, and STATUS_INVALID says that none were added. At the start only,
 * before other threads are there. */
MUST_CHECK enum status voices_configure(const char *list, struct buffer *problems);

/* The local ones come first. */
const struct voice *voices_list(size_t *ret_count);

bool voice_is_remote(const struct voice *voice);

/* NULL when there is none of that id. */
const struct voice *voices_find(const char *id);

/* Never NULL: for an unknown id the first voice of the language that the id names
 * ("de-DE-KatjaNeural", "gtts-fr"), else (and for NULL) the default voice. OpenAI's names ("onyx")
 * choose its sex; what language they speak is for the text to say (voices_for_text). */
const struct voice *voices_get(const char *id);

/* The local voice of its language, and of its sex where that is known: itself for a local one. */
const struct voice *voices_local_of(const struct voice *voice);

/* The one to read text with: voice, if it reads at least a third of the letters, or no other reads
 * more; else the local voice that reads most, of the same sex if there is one. */
const struct voice *voices_for_text(const struct voice *voice, const char *text);
