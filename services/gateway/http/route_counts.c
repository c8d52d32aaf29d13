/* SPDX-License-Identifier: MIT */
#include "services/gateway/http/route_counts.h"

#define LABELS_SIZE 160
#define CLASSES 6 /* by the first digit */

struct route_counts {
    struct metric *answers[CLASSES];
};

/* "rpc.auth.login" is the endpoint login of auth. */
static struct metric *make(struct metrics *metrics, const char *subject, int class)
{
    char labels[LABELS_SIZE];
    const char *service = strchr(subject, '.') + 1;
    const char *endpoint = strchr(service, '.') + 1;
    snprintf(labels, sizeof(labels), "service=\"%.*s\",endpoint=\"%s\",class=\"%dxx\"",
             (int)(endpoint - service - 1), service, endpoint, class);
    return metrics_counter(metrics, "ttb_route_requests_total",
                           "HTTP requests answered, by endpoint and status class.", labels);
}

struct route_counts *route_counts_new(struct metrics *metrics)
{
    struct route_counts *counts = calloc(routes_count, sizeof(*counts));
    if (!counts)
        abort();
    for (size_t i = 0; i < routes_count; i++) {
        for (int class = 2; class < CLASSES; class ++)
            counts[i].answers[class] = make(metrics, routes[i].subject, class);
    }
    return counts;
}

void route_counts_add(const struct route_counts *counts, const struct route *route, int status)
{
    size_t class = (size_t)status / 100;
    if (!route || !route->subject || class >= CLASSES)
        return;
    metric_add(counts[route - routes].answers[class], 1);
}

void route_counts_free(struct route_counts *counts)
{
    free(counts);
}
