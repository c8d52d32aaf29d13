/* SPDX-License-Identifier: MIT */
/* ttb-audio: decodes, measures and encodes sounds for the media daemon, inside a sandbox.
 * services/media/audio/wire.h says how. */
#include "services/media/audio/wire.h"
#include "services/media/audio/worker/handle.h"
#include "services/media/workers/child/serve.h"

#define HEAD_MAX 64
#define MEMORY_MAX ((uint64_t)512 * 1024 * 1024) /* of which libraries take 250 MB */

static bool open_libraries(const char *argument)
{
    (void)argument;
    audio_handle_init();
    return true;
}

int main(int argc, char **argv)
{
    static const struct worker_program program = {
        .name = "ttb-audio",
        .request_max = AUDIO_PCM_MAX + HEAD_MAX,
        .answer_max = AUDIO_RESULT_MAX,
        .memory_max = MEMORY_MAX,
        .open = open_libraries,
        .handle = audio_handle,
    };
    return worker_serve(&program, argc, argv);
}
