/* SPDX-License-Identifier: MIT */
/* What the media daemon asks of ttb-voice (workers/wire.h has the frames): struct voice_request and
 * the text after it → samples. */
#pragma once

#include <stdint.h>

#define VOICE_TEXT_MAX 4096  /* bytes of UTF-8 */
#define VOICE_RATE_HZ 22050  /* espeak-ng's */
#define VOICE_SECONDS_MAX 60 /* speech of one text is cut there */
#define VOICE_PCM_MAX (VOICE_SECONDS_MAX * VOICE_RATE_HZ * 2u)

/* Words a minute that espeak-ng speaks. */
#define VOICE_WPM_MIN 80
#define VOICE_WPM_MAX 450

struct voice_request {
    uint16_t speed_wpm; /* VOICE_WPM_MIN..VOICE_WPM_MAX */
    uint16_t pitch;     /* 0..99 */
};
