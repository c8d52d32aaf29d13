/* SPDX-License-Identifier: MIT */
#include "services/media/sounds/counts.h"

struct sound_counts sound_counts_make(struct metrics *metrics)
{
    static const char *const labels[] = {
#define COUNT_ROW(name, label) "reason=\"" label "\"",
        SOUND_REFUSALS(COUNT_ROW)
#undef COUNT_ROW
    };
    struct sound_counts counts = {.stored = NULL};
    if (!metrics)
        return counts;
    counts.stored =
        metrics_counter(metrics, "ttb_sounds_stored_total", "Sounds that were uploaded.", "");
    for (size_t i = 0; i < SOUND_REFUSAL_COUNT; i++)
        counts.refused[i] = metrics_counter(metrics, "ttb_sounds_refused_total",
                                            "Uploads that were not stored.", labels[i]);
    return counts;
}
