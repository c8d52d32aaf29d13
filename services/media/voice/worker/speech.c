/* SPDX-License-Identifier: MIT */
#include "services/media/voice/worker/speech.h"

#include <espeak-ng/espeak_ng.h>
#include <espeak-ng/speak_lib.h>

static unsigned rate_hz;
static speech_sink_fn *current_sink;
static void *current_context;

/* espeak-ng's callback: 0 goes on, 1 stops. It gets no samples at the end. */
static int take_samples(short *samples, int count, espeak_EVENT *events)
{
    (void)events;
    if (!samples || count <= 0)
        return 0;
    return current_sink(current_context, samples, (size_t)count) ? 0 : 1;
}

static bool ignore_samples(void *context, const int16_t *samples, size_t count)
{
    (void)context, (void)samples, (void)count;
    return true;
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
    rate_hz = (unsigned)espeak_ng_GetSampleRate();
    espeak_SetSynthCallback(take_samples);
    if (espeak_SetVoiceByName(voice) != EE_OK)
        return false;
    char english[] = "hello";
    return speech_say(english, espeakRATE_NORMAL, 50, ignore_samples, NULL);
}

unsigned speech_rate_hz(void)
{
    return rate_hz;
}

/* espeak-ng takes a control character for the start of a command, whatever its flags. */
static void blank_control_characters(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            *text = ' ';
}

bool speech_say(char *text, unsigned speed_wpm, unsigned pitch, speech_sink_fn *sink, void *context)
{
    blank_control_characters(text);
    current_sink = sink;
    current_context = context;
    espeak_SetParameter(espeakRATE, (int)speed_wpm, 0);
    espeak_SetParameter(espeakPITCH, (int)pitch, 0);
    return espeak_Synth(text, strlen(text) + 1, 0, POS_CHARACTER, 0, espeakCHARS_UTF8, NULL,
                        NULL) == EE_OK;
}
