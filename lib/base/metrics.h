/* SPDX-License-Identifier: MIT */
/* Counters, gauges and latency histograms in Prometheus' text form (exposition format 0.0.4). Each
 * is made once, at start, and is then changed by any thread without a lock. Making one again with
 * the same name and labels gives the same one. */
#pragma once

#include "lib/base/buffer.h"

#include <stdint.h>

struct metrics;
struct metric;

struct metrics *metrics_new(void);

/* labels is "" or like `pool="io"`. Texts are copied. Names: ttb_<what>_<unit>, counters end in
 * _total. */
struct metric *metrics_counter(struct metrics *metrics, const char *name, const char *help,
                               const char *labels);
struct metric *metrics_gauge(struct metrics *metrics, const char *name, const char *help,
                             const char *labels);
/* A counter of seconds, whose amounts are nanoseconds. */
struct metric *metrics_seconds(struct metrics *metrics, const char *name, const char *help,
                               const char *labels);
/* Seconds, in buckets from 0.25 ms to 10 s. */
struct metric *metrics_histogram(struct metrics *metrics, const char *name, const char *help,
                                 const char *labels);

/* A NULL metric is allowed everywhere and counts nothing, so that tests may leave metrics out. */
void metric_add(struct metric *metric, int64_t amount);
void metric_set(struct metric *metric, int64_t value);
void metric_observe_ns(struct metric *metric, int64_t duration_ns);
int64_t metric_value(const struct metric *metric);

void metrics_render(struct metrics *metrics, struct buffer *out);

void metrics_free(struct metrics *metrics);
