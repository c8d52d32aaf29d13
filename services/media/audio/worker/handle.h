/* SPDX-License-Identifier: MIT */
/* What ttb-audio does with a request: audio/wire.h. */
#pragma once

#include "lib/base/buffer.h"
#include "services/media/workers/wire.h"

/* Once, before the first request; sets FFmpeg up for a process that reads nothing but requests. */
void audio_handle_init(void);

/* As struct worker_program's handle (workers/child/serve.h). */
enum worker_result audio_handle(uint32_t code, char *request, uint32_t size, struct buffer *out);
