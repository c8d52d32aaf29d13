/* SPDX-License-Identifier: MIT */
#include "services/media/speech/maker.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "services/media/domain/parts.h"
#include "services/media/domain/pieces.h"
#include "services/media/domain/reading.h"
#include "services/media/speech/pause.h"

#include <assert.h>
#include <math.h>

/* A piece for a local voice: what can be divided into parts, and is spoken in no time. */
#define PIECE_BYTES 600
#define PIECE_MIN_BYTES 64
/* As much speech as this has been cut at VOICE_SECONDS_MAX, less the silence at its end. */
#define CUT_BYTES ((VOICE_SECONDS_MAX - 1) * VOICE_RATE_HZ * sizeof(int16_t))
#define NORMAL_WPM 165.0
/* Of espeak-ng; voice/local.h. */
#define WPM_MIN 80.0
#define WPM_MAX 450.0

/* A piece for the other server: any chat message is one. Longer ones would not be done in time. */
#define REMOTE_PIECE_BYTES 1000
#define REMOTE_RATE_HZ 24000

/* A text on its way: samples at rate_hz, which will be encoded tempo times as fast. */
struct making {
    const struct maker *maker;
    const struct speech_order *order;
    struct arena *arena;
    unsigned rate_hz;
    double tempo;
    double pace; /* of the samples: 1 is the normal speed */
    struct buffer pcm;
    size_t spoken_bytes; /* of pcm, up to the last sound */
};

static size_t pcm_max(unsigned rate_hz, double tempo)
{
    double bytes = SPEECH_SECONDS_MAX * tempo * rate_hz * sizeof(int16_t);
    return bytes < AUDIO_PCM_MAX ? (size_t)bytes / sizeof(int16_t) * sizeof(int16_t)
                                 : AUDIO_PCM_MAX;
}

/* After a sound. Too much silence is no harm: nothing is spoken after it. */
static void add_pause(struct making *making, unsigned pause_ms)
{
    static const int16_t silence[4096];
    size_t left = (size_t)(pause_ms * making->rate_hz / (1000.0 * making->pace)) * sizeof(int16_t);
    while (left > 0 && !making->pcm.overflowed) {
        size_t bytes = left < sizeof(silence) ? left : sizeof(silence);
        buffer_add(&making->pcm, silence, bytes);
        left -= bytes;
    }
}

static enum status encode(struct making *making, struct buffer *out)
{
    if (making->spoken_bytes == 0)
        return STATUS_INVALID;
    struct slice samples = {making->pcm.data, making->spoken_bytes};
    return audio_encode(making->maker->audio, samples, making->rate_hz, making->tempo,
                        making->order->format, making->order->deadline_ms, out);
}

/* ---- local voices ---- */

/* All parts of a text are spoken at the same speed, whoever speaks them: the main voice's. What
 * espeak-ng cannot do of it is left to the encoder, for all of the text. */
static void settle_speed(struct making *making, const struct voice *main_voice)
{
    double wanted = main_voice->speed_wpm * making->order->speed;
    double wpm = fmin(fmax(wanted, WPM_MIN), WPM_MAX);
    making->tempo = wanted / wpm;
    making->pace = wpm / NORMAL_WPM;
}

static enum status speak_local_text(struct making *making, const struct voice *voice,
                                    const char *text)
{
    double speed = fmin(fmax(making->pace * NORMAL_WPM / voice->speed_wpm, 0.25), 4);
    double tempo_left; /* none: settle_speed saw to it */
    return local_voices_speak(making->maker->local, voice, speed, text, making->order->deadline_ms,
                              &making->pcm, &tempo_left);
}

/* A part as it is read aloud, which may be many times as long as it is written, or take long to say
 * as "www" does: a piece that was cut is taken back and goes in smaller ones. after: what the text
 * goes on with. */
static enum status speak_part(struct making *making, const struct voice_part *part,
                              const char *after)
{
    const char *text = reading_prepare(making->arena, part->voice->lang, part->text);
    size_t max_bytes = PIECE_BYTES;
    while (*text) {
        size_t began_bytes = making->pcm.size;
        size_t bytes = pieces_next(text, max_bytes);
        const char *piece = arena_text_n(making->arena, text, bytes);
        enum status status = speak_local_text(making, part->voice, piece);
        if (status != STATUS_OK && status != STATUS_INVALID) /* which a lone dash is */
            return status;
        if (making->pcm.size - began_bytes >= CUT_BYTES && bytes > PIECE_MIN_BYTES) {
            making->pcm.size = began_bytes;
            max_bytes = bytes / 2;
            continue;
        }
        text += bytes;
        if (status == STATUS_INVALID)
            continue;
        making->spoken_bytes = making->pcm.size;
        add_pause(making, *text ? pause_between(piece, text) : pause_between(part->text, after));
    }
    return STATUS_OK;
}

static enum status speak_piece(struct making *making, const struct voice *main_voice,
                               const char *piece, const char *after)
{
    struct voice_part parts[VOICE_PARTS_MAX];
    size_t count = parts_divide(making->arena, main_voice, piece, parts);
    for (size_t i = 0; i < count; i++) {
        enum status status =
            speak_part(making, &parts[i], i + 1 < count ? parts[i + 1].text : after);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status speak_local(struct making *making, const struct voice *main_voice)
{
    size_t bytes;
    for (const char *text = making->order->text; *text; text += bytes) {
        bytes = pieces_next(text, PIECE_BYTES);
        const char *piece = arena_text_n(making->arena, text, bytes);
        enum status status = speak_piece(making, main_voice, piece, text + bytes);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* ---- voices of another server ---- */

/* Appends what the server's file holds. Its file is decoded even where it could be served as it is:
 * our clients get nothing that we have not checked. */
static enum status take_file(struct making *making, const struct buffer *file)
{
    AUTO_BUFFER(samples, AUDIO_PCM_MAX);
    size_t left = making->pcm.max - making->pcm.size;
    unsigned left_ms = (unsigned)(left * 1000 / (sizeof(int16_t) * making->rate_hz));
    enum status status = audio_decode(making->maker->audio, buffer_slice(file), making->rate_hz,
                                      left_ms + 1000, making->order->deadline_ms, &samples);
    if (status == STATUS_INVALID || (status == STATUS_OK && samples.size == 0)) {
        log_info(NULL, "what the speech server sent can't be decoded");
        return STATUS_UNAVAILABLE;
    }
    if (status != STATUS_OK)
        return status;
    buffer_add(&making->pcm, samples.data, samples.size);
    making->spoken_bytes = making->pcm.size;
    return making->pcm.overflowed ? STATUS_TOO_LARGE : STATUS_OK;
}

static enum status speak_remote_piece(struct making *making, const char *piece)
{
    const struct speech_order *order = making->order;
    AUTO_BUFFER(file, AUDIO_FILE_MAX);
    enum status status = remote_speak(making->maker->remote, order->voice->remote, order->speed,
                                      piece, order->deadline_ms, &file);
    return status == STATUS_OK ? take_file(making, &file) : status;
}

static enum status speak_remote(struct making *making)
{
    if (!making->maker->remote)
        return STATUS_UNAVAILABLE;
    size_t bytes;
    for (const char *text = making->order->text; *text; text += bytes) {
        bytes = pieces_next(text, REMOTE_PIECE_BYTES);
        const char *piece = arena_text_n(making->arena, text, bytes);
        enum status status = speak_remote_piece(making, piece);
        if (status != STATUS_OK)
            return status;
        add_pause(making, pause_between(piece, text + bytes));
    }
    return STATUS_OK;
}

/* ---- both ---- */

static enum status speak(struct making *making)
{
    const struct speech_order *order = making->order;
    if (voice_is_remote(order->voice)) {
        making->rate_hz = REMOTE_RATE_HZ;
        making->tempo = 1;
        making->pace = order->speed;
        buffer_init(&making->pcm, pcm_max(making->rate_hz, making->tempo));
        return speak_remote(making);
    }
    const struct voice *main_voice = voices_for_text(order->voice, order->text);
    making->rate_hz = VOICE_RATE_HZ;
    settle_speed(making, main_voice);
    buffer_init(&making->pcm, pcm_max(making->rate_hz, making->tempo));
    return speak_local(making, main_voice);
}

enum status maker_make(const struct maker *maker, const struct speech_order *order,
                       struct arena *arena, struct buffer *out)
{
    assert(order->speed >= 0.25 && order->speed <= 4);
    struct making making = {.maker = maker, .order = order, .arena = arena};
    buffer_clear(out);
    enum status status = speak(&making);
    if (status == STATUS_OK)
        status = encode(&making, out);
    buffer_done(&making.pcm);
    return status;
}
