/* SPDX-License-Identifier: MIT */
/* One worker process (wire.h), talked to over a socket pair. It inherits no descriptor and of the
 * environment only what espeak-ng and sanitizers need, so no secret. It ends when our end of the
 * socket closes, and is killed when the thread that started it ends: start workers from threads
 * that live as long as the daemon. */
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/status.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct worker_process {
    pid_t pid; /* 0: none */
    int fd;
};

struct worker_request {
    uint32_t code;
    struct slice head; /* the bytes: one after the other; together below 4 GiB */
    struct slice body;
};

/* Starts program, with an argument unless it is NULL, and waits until it is ready. Deadlines are of
 * clock_mono_ms. STATUS_UNAVAILABLE when it can't be started or says that it can't serve,
 * STATUS_TIMEOUT. */
MUST_CHECK enum status worker_process_start(const char *program, const char *argument,
                                            int64_t deadline_ms,
                                            struct worker_process *ret_process);

/* Appends the answer's bytes, at most answer_max of them, to out. STATUS_INVALID when the worker
 * refused the request (it is fine); STATUS_UNAVAILABLE when it died or answered nonsense,
 * STATUS_TIMEOUT: it must be ended then. */
MUST_CHECK enum status worker_process_ask(struct worker_process *process,
                                          const struct worker_request *request, uint32_t answer_max,
                                          int64_t deadline_ms, struct buffer *out);

/* Whether an idle worker still runs. */
bool worker_process_is_alive(const struct worker_process *process);

/* Kills and reaps it. */
void worker_process_end(struct worker_process *process);
