/* SPDX-License-Identifier: MIT */
/* ttb-voice: speaks texts for the media daemon with one espeak-ng voice, inside a sandbox.
 * services/media/voice/wire.h says how. */
#include "lib/base/text.h"
#include "services/media/voice/wire.h"
#include "services/media/voice/worker/speech.h"
#include "services/media/workers/child/serve.h"

#define MEMORY_MAX (256u * 1024 * 1024)
/* Without Landlock a refused dictionary leaves espeak-ng without English too: such a worker is
 * replaced soon. */
#define TEXTS_WHEN_BLIND 50

static enum worker_result speak(uint32_t code, char *bytes, uint32_t size, struct buffer *out)
{
    (void)code;
    struct voice_request request;
    if (size <= sizeof(request))
        return WORKER_REFUSED;
    memcpy(&request, bytes, sizeof(request));
    char *text = bytes + sizeof(request);
    if (!text_utf8_is_valid(text, size - sizeof(request)))
        return WORKER_REFUSED;
    return speech_say(text, &request, out) ? WORKER_READY : WORKER_REFUSED;
}

int main(int argc, char **argv)
{
    static const struct worker_program program = {
        .name = "ttb-voice",
        .argument = "espeak-ng voice",
        .request_max = sizeof(struct voice_request) + VOICE_TEXT_MAX,
        .answer_max = VOICE_PCM_MAX,
        .memory_max = MEMORY_MAX,
        .requests_when_blind = TEXTS_WHEN_BLIND,
        .find_data = speech_find_data,
        .open = speech_open,
        .handle = speak,
    };
    return worker_serve(&program, argc, argv);
}
