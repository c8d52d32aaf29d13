/* SPDX-License-Identifier: MIT */
/* What the media daemon and its worker programs say to each other on the worker's fd 0 and 1:
 * frames of a code, a size, and that many bytes. Both ends are built together and run on one
 * machine, so structs go as they are.
 *
 *     ttb-voice ru+f3      makes ready, closes its sandbox, sends WORKER_READY without bytes
 *     request → answer     again and again until end of file
 *
 * What the codes mean beyond these, and the bytes, is each program's own (voice/wire.h,
 * audio/wire.h). */
#pragma once

#include <stdint.h>

struct worker_frame {
    uint32_t
        code; /* of a request: what to do; of an answer: enum worker_result, or the program's */
    uint32_t size; /* of what follows */
};

enum worker_result {
    WORKER_READY,      /* at start, and whenever all went well */
    WORKER_NO_OPEN,    /* at start: what the argument names is not there; the worker ends */
    WORKER_NO_SANDBOX, /* at start: the kernel refused it; the worker ends */
    WORKER_REFUSED,    /* nothing can come of this request; the worker goes on */
    WORKER_RESULT_COUNT,
};
