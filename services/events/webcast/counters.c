/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/counters.h"

static void init_labelled(struct counters *counters, struct metrics *metrics)
{
    char label[64];
    for (int i = 0; i < LIVE_EVENT_TYPES; i++) {
        snprintf(label, sizeof(label), "type=\"%s\"", live_event_name((enum live_event_type)i));
        counters->events[i] = metrics_counter(metrics, "ttb_webcast_events_total",
                                              "Events that lives brought.", label);
    }
    for (int i = 0; i < WEBCAST_ERRORS; i++) {
        snprintf(label, sizeof(label), "result=\"%s\"", webcast_error_name((enum webcast_error)i));
        counters->lookups[i] = metrics_counter(metrics, "ttb_webcast_lookups_total",
                                               "Look-ups of rooms by name.", label);
        counters->signs[i] = metrics_counter(metrics, "ttb_webcast_sign_calls_total",
                                             "Requests for a signature.", label);
    }
}

void counters_init(struct counters *counters, struct metrics *metrics)
{
    *counters = (struct counters){0};
    if (!metrics)
        return;
    counters->frames = metrics_counter(metrics, "ttb_webcast_frames_total", "Frames received.", "");
    counters->bad_frames = metrics_counter(metrics, "ttb_webcast_bad_frames_total",
                                           "Frames that could not be read.", "");
    counters->bad_messages = metrics_counter(metrics, "ttb_webcast_bad_messages_total",
                                             "Messages in good frames that could not be read.", "");
    counters->unknown_messages = metrics_counter(metrics, "ttb_webcast_unknown_messages_total",
                                                 "Messages of a method that is not read.", "");
    counters->history = metrics_counter(metrics, "ttb_webcast_history_messages_total",
                                        "Messages of before the connection, dropped.", "");
    counters->duplicates = metrics_counter(metrics, "ttb_webcast_duplicate_messages_total",
                                           "Messages that came again, dropped.", "");
    counters->reconnects = metrics_counter(metrics, "ttb_webcast_reconnects_total",
                                           "Connections lost and to be made again.", "");
    counters->connected =
        metrics_gauge(metrics, "ttb_webcast_connected", "Open connections to lives.", "");
    counters->early_acks = metrics_counter(
        metrics, "ttb_webcast_early_acks_total",
        "Frames acknowledged before their events were stored: too many waited.", "");
    counters->sign_remaining =
        metrics_gauge(metrics, "ttb_webcast_sign_remaining",
                      "Requests that the sign server last said are left to us.", "");
    counters->sign_waiting =
        metrics_gauge(metrics, "ttb_webcast_sign_waiting",
                      "Lives that wait for their turn to ask the sign server.", "");
    init_labelled(counters, metrics);
}
