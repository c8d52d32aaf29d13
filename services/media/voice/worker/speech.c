/* SPDX-License-Identifier: MIT */
#include "services/media/voice/worker/speech.h"

#include "lib/base/spoken_chars.h"
#include "lib/base/text.h"

#include <espeak-ng/espeak_ng.h>
#include <espeak-ng/speak_lib.h>

#define QUIET 64                             /* of 32767: -54 dB */
#define MARGIN_SAMPLES (VOICE_RATE_HZ / 100) /* 10 ms of silence are left at either end */
#define WORD_MAX 40                          /* letters */
#define ECHO_PAUSES 8                        /* of 49 ms; an echo comes after 140 ms at most */

static struct buffer *current_out;

/* espeak-ng's callback: 0 goes on, 1 stops. It gets no samples at the end. */
static int take_samples(short *samples, int count, espeak_EVENT *events)
{
    (void)events;
    if (!samples || count <= 0)
        return 0;
    size_t room = VOICE_PCM_MAX - current_out->size;
    size_t size = (size_t)count * sizeof(*samples);
    buffer_add(current_out, samples, size < room ? size : room);
    return size > room;
}

const char *speech_find_data(void)
{
    const char *path = NULL;
    espeak_ng_InitializePath(NULL);
    espeak_Info(&path);
    return path;
}

bool speech_open(const char *voice)
{
    if (espeak_ng_Initialize(NULL) != ENS_OK ||
        espeak_ng_InitializeOutput(ENOUTPUT_MODE_SYNCHRONOUS, 0, NULL) != ENS_OK)
        return false;
    espeak_SetSynthCallback(take_samples);
    if (espeak_SetVoiceByName(voice) != EE_OK || espeak_ng_GetSampleRate() != VOICE_RATE_HZ)
        return false;
    const struct voice_request request = {.speed_wpm = espeakRATE_NORMAL, .pitch = 50};
    AUTO_BUFFER(unheard, VOICE_PCM_MAX);
    return speech_say("hello", &request, &unheard);
}

/* How much of a word's room in espeak-ng a character may take: a sign is read by its name. */
static unsigned weight_of(uint32_t code_point)
{
    switch (spoken_classify(code_point)) {
    case SPOKEN_LETTER:
    case SPOKEN_MARK:
    case SPOKEN_JOINER:
        return 1;
    default:
        return 4;
    }
}

/* The text as espeak-ng can stand it. It takes a control character for the start of a command,
 * whatever its flags, and writes past the end of arrays over a long word ("s's's's…": upstream's
 * pull request 2495). */
static void prepare(const char *text, struct buffer *out)
{
    unsigned word = 0;
    size_t bytes;
    for (size_t left = strlen(text); left > 0; left -= bytes, text += bytes) {
        uint32_t code_point;
        bytes = text_utf8_decode(text, left, &code_point);
        if (code_point <= ' ' || code_point == 0x7F) {
            buffer_add_char(out, ' ');
            word = 0;
            continue;
        }
        unsigned weight = weight_of(code_point);
        if (word + weight > WORD_MAX) {
            buffer_add_char(out, ' ');
            word = 0;
        }
        word += weight;
        buffer_add(out, text, bytes);
    }
}

static bool is_quiet(int16_t sample)
{
    return sample > -QUIET && sample < QUIET;
}

/* The samples less the silence at their ends, but for a margin. */
static void trim(struct buffer *pcm)
{
    int16_t *samples = (int16_t *)pcm->data;
    size_t count = pcm->size / sizeof(*samples);
    size_t first = 0;
    size_t end = count;
    while (first < end && is_quiet(samples[first]))
        first++;
    while (end > first && is_quiet(samples[end - 1]))
        end--;
    if (first == end) {
        buffer_clear(pcm);
        return;
    }
    first = first > MARGIN_SAMPLES ? first - MARGIN_SAMPLES : 0;
    end = count - end > MARGIN_SAMPLES ? end + MARGIN_SAMPLES : count;
    memmove(samples, samples + first, (end - first) * sizeof(*samples));
    pcm->size = (end - first) * sizeof(*samples);
}

static bool synthesize(const char *text, unsigned speed_wpm, unsigned pitch, struct buffer *out)
{
    current_out = out;
    espeak_SetParameter(espeakRATE, (int)speed_wpm, 0);
    espeak_SetParameter(espeakPITCH, (int)pitch, 0);
    return espeak_Synth(text, strlen(text) + 1, 0, POS_CHARACTER, 0, espeakCHARS_UTF8, NULL,
                        NULL) == EE_OK;
}

/* Some variants have an echo, which outlives a text and would begin the next one. */
static void let_echo_fade(void)
{
    AUTO_BUFFER(unheard, VOICE_PCM_MAX);
    for (int i = 0; i < ECHO_PAUSES; i++)
        if (!synthesize(" ", espeakRATE_NORMAL, 50, &unheard))
            return;
}

bool speech_say(const char *text, const struct voice_request *request, struct buffer *out)
{
    AUTO_BUFFER(prepared, 2 * VOICE_TEXT_MAX);
    prepare(text, &prepared);
    bool spoken = synthesize(buffer_text(&prepared), request->speed_wpm, request->pitch, out);
    let_echo_fade();
    if (!spoken)
        return false;
    trim(out);
    return out->size > 0;
}
