/* SPDX-License-Identifier: MIT */
/* What the media daemon and its voice workers say to each other on the worker's fd 0 and 1. Both
 * are built together and run on one machine, so the structs go as they are.
 *
 *     ttb-voice ru+f3      loads that espeak-ng voice, closes its sandbox, and sends an answer:
 * VOICE_RESULT_OK, no audio. request + text   →   answer + MP3, again and again until end of file.
 */
#pragma once

#include <stdint.h>

#define VOICE_TEXT_MAX 4096                /* bytes of UTF-8 */
#define VOICE_AUDIO_MAX (4u * 1024 * 1024) /* bytes of MP3 */
#define VOICE_SECONDS_MAX 60 /* speech is cut there; it stays far below VOICE_AUDIO_MAX */

struct voice_request {
    uint32_t text_bytes; /* 1..VOICE_TEXT_MAX */
    uint16_t speed_wpm;
    uint16_t pitch; /* 0..99 */
};

enum voice_result {
    VOICE_RESULT_OK,
    VOICE_RESULT_NO_VOICE,   /* at start: espeak-ng or its data lack the voice */
    VOICE_RESULT_NO_SANDBOX, /* at start: the kernel refused it; the worker ends */
    VOICE_RESULT_FAILED,     /* nothing came out; the worker goes on */
};

struct voice_answer {
    uint32_t result;      /* enum voice_result */
    uint32_t audio_bytes; /* 0 unless VOICE_RESULT_OK */
};
