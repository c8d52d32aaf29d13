/* SPDX-License-Identifier: MIT */
#include "services/events/live/speaker.h"

#include "gen/media/messages.h"
#include "lib/base/clock.h"
#include "lib/base/text.h"

#include <stdio.h>

#define REQUEST_MAX_BYTES 16384
#define WORTH_SPEAKING_MS 5000 /* a client waits no longer for the file */

void speaker_init(struct speaker *speaker, struct bus *bus, const char *base_url,
                  struct metrics *metrics)
{
    *speaker = (struct speaker){
        .bus = bus,
        .base_url = base_url,
        .asked = metrics_counter(metrics, "ttb_live_speech_total", "Texts given to media.", ""),
        .failed = metrics_counter(metrics, "ttb_live_speech_failed_total",
                                  "Texts that could not be given to media.", ""),
    };
}

/* Nobody waits for the answer: what came of it shows in media's log, and at the URL. */
static enum status send_request(struct speaker *speaker, const char *subject,
                                const struct message *message, const void *request)
{
    char deadline[24];
    AUTO_BUFFER(body, REQUEST_MAX_BYTES);
    message_encode(message, request, &body);
    (void)snprintf(deadline, sizeof(deadline), "%lld",
                   (long long)(clock_wall_ms() + WORTH_SPEAKING_MS));
    const struct bus_header headers[] = {{CALL_HEADER_DEADLINE, deadline}};
    natsMsg *sent = NULL;
    enum status status =
        bus_message(subject, NULL, headers, ARRAY_LEN(headers), buffer_slice(&body), &sent);
    return status == STATUS_OK ? bus_publish(speaker->bus, sent) : status;
}

const char *speaker_speak(struct speaker *speaker, struct arena *arena, const char *user_id,
                          const char *voice_id, const char *text, struct uuid *ret_id)
{
    struct uuid id;
    uuid_make_timed(clock_wall_ms(), &id); /* media keeps and awaits the file by its id's time */
    const struct speak_request request = {
        .user_id = user_id, .id = id.text, .text = text, .voice_id = voice_id};
    if (send_request(speaker, "rpc.media.speak", &speak_request_message, &request) != STATUS_OK) {
        metric_add(speaker->failed, 1);
        return NULL;
    }
    metric_add(speaker->asked, 1);
    *ret_id = id;
    return arena_printf(arena, "%.*s/static/tts/%s/%s.mp3",
                        (int)text_length_less(speaker->base_url, '/'), speaker->base_url, user_id,
                        id.text);
}

/* A word that is lost leaves speech that was deleted: no more than what the user sees anyway. */
void speaker_cancel(struct speaker *speaker, const char *user_id, const char *id)
{
    const struct cancel_speech_request request = {.user_id = user_id, .id = id};
    if (send_request(speaker, "rpc.media.cancel_speech", &cancel_speech_request_message,
                     &request) != STATUS_OK)
        metric_add(speaker->failed, 1);
}
