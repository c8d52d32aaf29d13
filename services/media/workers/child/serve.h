/* SPDX-License-Identifier: MIT */
/* The life of a worker program: its files confined, ready, sandboxed (sandbox.h), then request
 * after request until end of file. A request that breaks the protocol ends it. */
#pragma once

#include "lib/base/buffer.h"
#include "services/media/workers/wire.h"

#include <stdbool.h>

struct worker_program {
    const char *name;             /* "ttb-voice" */
    const char *argument;         /* what the argument is, for the usage line; NULL: takes none */
    uint32_t request_max;         /* bytes */
    uint32_t answer_max;          /* bytes */
    uint64_t memory_max;          /* bytes of address space, what libraries map included */
    unsigned requests_when_blind; /* after so many requests a worker without Landlock ends, to be
                                     started afresh; 0: it need not read files later */
    /* The folder below which files may be read for good; called first. NULL: no file can be opened,
     * in open() neither. */
    const char *(*find_data)(void);
    /* Loads what is needed, before the sandbox closes, and starts the threads that a library needs:
     * later none can be started. May be NULL; argument is NULL when the program takes none. False
     * when what the argument names is not there. */
    bool (*open)(const char *argument);
    /* Answers a request with WORKER_READY and bytes in out, else with WORKER_REFUSED, which it also
     * is when out overflowed. request may be changed in place and is followed by a NUL; it is
     * aligned as malloc's memory is. */
    enum worker_result (*handle)(uint32_t code, char *request, uint32_t size, struct buffer *out);
};

/* main's all. */
int worker_serve(const struct worker_program *program, int argc, char **argv);
