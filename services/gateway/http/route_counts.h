/* SPDX-License-Identifier: MIT */
/* Answers by endpoint and class of status, as clients got them: a service that is gone counts
 * nothing itself. Other spellings of a path count as their endpoint. */
#pragma once

#include "lib/base/metrics.h"
#include "services/gateway/http/route.h"

struct route_counts;

struct route_counts *route_counts_new(struct metrics *metrics);

/* route is one of routes[]; those without a subject, and NULL, are not counted. From any thread. */
void route_counts_add(const struct route_counts *counts, const struct route *route, int status);

/* Takes NULL. */
void route_counts_free(struct route_counts *counts);
