/* SPDX-License-Identifier: MIT */
/* What the media daemon asks of ttb-audio (workers/wire.h has the frames): a head, and the file or
 * samples after it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define AUDIO_FILE_MAX (8u * 1024 * 1024)
#define AUDIO_PCM_MAX (64u * 1024 * 1024)
#define AUDIO_RESULT_MAX AUDIO_PCM_MAX

enum audio_format {
    AUDIO_MP3,
    AUDIO_WAV,
    AUDIO_OGG_VORBIS,
    AUDIO_OGG_OPUS,
    AUDIO_M4A,
    AUDIO_FORMAT_COUNT,
    AUDIO_FORMAT_OF_FILE = AUDIO_FORMAT_COUNT, /* in a wish: as the file is */
};

enum audio_operation {
    AUDIO_EXAMINE, /* struct audio_wish + file → struct audio_measure + copy, which may be empty */
    AUDIO_ENCODE,  /* struct audio_encoding + samples → file */
    AUDIO_DECODE,  /* struct audio_decoding + file → samples */
};

struct audio_wish {
    uint32_t max_ms;
    uint32_t measure;        /* 0 or 1: how loud it is; without, only what it is and how long */
    uint32_t normalise;      /* 0 or 1: make a copy, if it is measured */
    float loudness_lufs;     /* of the copy */
    float peak_max_dbtp;     /* its true peak stays below, which may keep it quieter */
    uint32_t copy_format;    /* enum audio_format */
    uint32_t copy_max_bytes; /* of the copy */
};

struct audio_measure {
    uint32_t format; /* of the file */
    uint32_t duration_ms;
    uint32_t copy_format;
    uint32_t is_silent;  /* 1, also when it was not measured: the next three mean nothing */
    float loudness_lufs; /* integrated; of a file below 400 ms, of the file repeated */
    float peak_dbtp;
    float gain_db; /* of the copy; 0 when there is none */
};

struct audio_encoding {
    uint32_t format;
    uint32_t rate_hz;
    float tempo;
};

struct audio_decoding {
    uint32_t rate_hz;
    uint32_t max_ms;
};
