/* SPDX-License-Identifier: MIT */
#include "lib/base/metrics.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>

/* A histogram's buckets: the longest duration that falls in each, in nanoseconds and as text in
 * seconds. */
static const struct {
    int64_t most_ns;
    const char *seconds;
} bounds[] = {
    {250000, "0.00025"}, {500000, "0.0005"},  {1000000, "0.001"},  {2500000, "0.0025"},
    {5000000, "0.005"},  {10000000, "0.01"},  {25000000, "0.025"}, {50000000, "0.05"},
    {100000000, "0.1"},  {250000000, "0.25"}, {500000000, "0.5"},  {1000000000, "1"},
    {2500000000, "2.5"}, {5000000000, "5"},   {10000000000, "10"}, {INT64_MAX, "+Inf"},
};

enum kind { KIND_COUNTER, KIND_GAUGE, KIND_SECONDS, KIND_HISTOGRAM };

static const char *const kind_names[] = {
    [KIND_COUNTER] = "counter",
    [KIND_GAUGE] = "gauge",
    [KIND_SECONDS] = "counter",
    [KIND_HISTOGRAM] = "histogram",
};

struct metric {
    struct metric *next;
    enum kind kind;
    char *name;
    char *help;
    char *labels;
    _Atomic int64_t value; /* of seconds and of a histogram: the nanoseconds in all */
    _Atomic int64_t buckets[ARRAY_LEN(bounds)]; /* each without the ones below it */
};

/* Metrics of one name stand side by side, as the exposition format wants them. */
struct metrics {
    pthread_mutex_t lock; /* of the list; the numbers need none */
    struct metric *first;
};

static char *copy_text(const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        abort();
    return copy;
}

struct metrics *metrics_new(void)
{
    struct metrics *metrics = calloc(1, sizeof(*metrics));
    if (!metrics)
        abort();
    pthread_mutex_init(&metrics->lock, NULL);
    return metrics;
}

static struct metric *metric_new(enum kind kind, const char *name, const char *help,
                                 const char *labels)
{
    struct metric *metric = calloc(1, sizeof(*metric));
    if (!metric)
        abort();
    metric->kind = kind;
    metric->name = copy_text(name);
    metric->help = copy_text(help);
    metric->labels = copy_text(labels);
    return metric;
}

/* The metric of this name and these labels, put after its namesakes when it is new. */
static struct metric *find_or_insert(struct metrics *metrics, enum kind kind, const char *name,
                                     const char *help, const char *labels)
{
    struct metric **place = &metrics->first;
    bool has_namesake = false;
    for (; *place; place = &(*place)->next) {
        bool is_namesake = strcmp((*place)->name, name) == 0;
        if (has_namesake && !is_namesake)
            break;
        if (is_namesake && strcmp((*place)->labels, labels) == 0) {
            assert((*place)->kind == kind);
            return *place;
        }
        has_namesake = is_namesake;
    }
    struct metric *metric = metric_new(kind, name, help, labels);
    metric->next = *place;
    *place = metric;
    return metric;
}

static struct metric *metrics_get(struct metrics *metrics, enum kind kind, const char *name,
                                  const char *help, const char *labels)
{
    pthread_mutex_lock(&metrics->lock);
    struct metric *metric = find_or_insert(metrics, kind, name, help, labels);
    pthread_mutex_unlock(&metrics->lock);
    return metric;
}

struct metric *metrics_counter(struct metrics *metrics, const char *name, const char *help,
                               const char *labels)
{
    return metrics_get(metrics, KIND_COUNTER, name, help, labels);
}

struct metric *metrics_gauge(struct metrics *metrics, const char *name, const char *help,
                             const char *labels)
{
    return metrics_get(metrics, KIND_GAUGE, name, help, labels);
}

struct metric *metrics_seconds(struct metrics *metrics, const char *name, const char *help,
                               const char *labels)
{
    return metrics_get(metrics, KIND_SECONDS, name, help, labels);
}

struct metric *metrics_histogram(struct metrics *metrics, const char *name, const char *help,
                                 const char *labels)
{
    return metrics_get(metrics, KIND_HISTOGRAM, name, help, labels);
}

void metric_add(struct metric *metric, int64_t amount)
{
    if (metric)
        atomic_fetch_add_explicit(&metric->value, amount, memory_order_relaxed);
}

void metric_set(struct metric *metric, int64_t value)
{
    if (metric)
        atomic_store_explicit(&metric->value, value, memory_order_relaxed);
}

void metric_observe_ns(struct metric *metric, int64_t duration_ns)
{
    if (!metric)
        return;
    assert(metric->kind == KIND_HISTOGRAM);
    size_t bucket = 0;
    while (duration_ns > bounds[bucket].most_ns)
        bucket++;
    atomic_fetch_add_explicit(&metric->buckets[bucket], 1, memory_order_relaxed);
    metric_add(metric, duration_ns);
}

static int64_t bucket_value(const struct metric *metric, size_t bucket)
{
    return atomic_load_explicit(&metric->buckets[bucket], memory_order_relaxed);
}

int64_t metric_value(const struct metric *metric)
{
    if (!metric)
        return 0;
    if (metric->kind != KIND_HISTOGRAM)
        return atomic_load_explicit(&metric->value, memory_order_relaxed);

    int64_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(bounds); i++)
        count += bucket_value(metric, i);
    return count;
}

static void render_family(const struct metric *metric, struct buffer *out)
{
    buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help, metric->name,
                  kind_names[metric->kind]);
}

/* One sample's name, suffix and labels, up to its value. */
static void render_series(const struct metric *metric, const char *suffix, struct buffer *out)
{
    buffer_printf(out, "%s%s", metric->name, suffix);
    if (*metric->labels)
        buffer_printf(out, "{%s}", metric->labels);
}

static void render_histogram(const struct metric *metric, struct buffer *out)
{
    int64_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(bounds); i++) {
        count += bucket_value(metric, i);
        buffer_printf(out, "%s_bucket{%s%sle=\"%s\"} %" PRId64 "\n", metric->name, metric->labels,
                      *metric->labels ? "," : "", bounds[i].seconds, count);
    }
    int64_t sum_ns = atomic_load_explicit(&metric->value, memory_order_relaxed);
    render_series(metric, "_sum", out);
    buffer_printf(out, " %.9f\n", (double)sum_ns / 1e9);
    render_series(metric, "_count", out);
    buffer_printf(out, " %" PRId64 "\n", count);
}

static void render_metric(const struct metric *metric, struct buffer *out)
{
    if (metric->kind == KIND_HISTOGRAM) {
        render_histogram(metric, out);
        return;
    }
    render_series(metric, "", out);
    if (metric->kind == KIND_SECONDS)
        buffer_printf(out, " %.9f\n", (double)metric_value(metric) / 1e9);
    else
        buffer_printf(out, " %" PRId64 "\n", metric_value(metric));
}

void metrics_render(struct metrics *metrics, struct buffer *out)
{
    pthread_mutex_lock(&metrics->lock);
    const char *family = "";
    for (const struct metric *metric = metrics->first; metric; metric = metric->next) {
        if (strcmp(metric->name, family) != 0)
            render_family(metric, out);
        family = metric->name;
        render_metric(metric, out);
    }
    pthread_mutex_unlock(&metrics->lock);
}

void metrics_free(struct metrics *metrics)
{
    if (!metrics)
        return;
    while (metrics->first) {
        struct metric *metric = metrics->first;
        metrics->first = metric->next;
        free(metric->name);
        free(metric->help);
        free(metric->labels);
        free(metric);
    }
    pthread_mutex_destroy(&metrics->lock);
    free(metrics);
}
