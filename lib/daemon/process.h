/* SPDX-License-Identifier: MIT */
/* What Prometheus shows of every process, under the names that its own libraries use: processor,
 * memory, descriptors, start. Helpers of a daemon, such as ttb-voice, are not in it. Log lines are
 * counted here, too, since lib/base/log knows no metrics. */
#pragma once

#include "lib/base/log.h"
#include "lib/base/metrics.h"

struct process {
    struct metric *cpu;
    struct metric *memory;
    struct metric *open_fds;
    struct metric *max_fds;
    struct metric *log_lines[LOG_LEVELS];
};

/* Adds the metrics. Once, soon after the process has started: that is the start it tells. */
void process_init(struct process *process, struct metrics *metrics);

/* Reads them from the kernel, before they are shown. */
void process_look(struct process *process);
