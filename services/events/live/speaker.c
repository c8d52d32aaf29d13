/* SPDX-License-Identifier: MIT */
#include "services/events/live/speaker.h"

#include "gen/media/messages.h"
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/base/uuid.h"

#define SUBJECT "rpc.media.speak"
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
static enum status send_request(struct speaker *speaker, struct arena *arena,
                                const struct speak_request *request)
{
    AUTO_BUFFER(body, REQUEST_MAX_BYTES);
    message_encode(&speak_request_message, request, &body);
    const char *deadline =
        arena_printf(arena, "%lld", (long long)(clock_wall_ms() + WORTH_SPEAKING_MS));
    const struct bus_header headers[] = {{CALL_HEADER_DEADLINE, deadline}};
    natsMsg *message = NULL;
    enum status status =
        bus_message(SUBJECT, NULL, headers, ARRAY_LEN(headers), buffer_slice(&body), &message);
    return status == STATUS_OK ? bus_publish(speaker->bus, message) : status;
}

const char *speaker_speak(struct speaker *speaker, struct arena *arena, const char *user_id,
                          const char *voice_id, const char *text)
{
    struct uuid id;
    uuid_make_timed(clock_wall_ms(), &id); /* media keeps and awaits the file by its id's time */
    const struct speak_request request = {
        .user_id = user_id, .id = id.text, .text = text, .voice_id = voice_id};
    if (send_request(speaker, arena, &request) != STATUS_OK) {
        metric_add(speaker->failed, 1);
        return NULL;
    }
    metric_add(speaker->asked, 1);
    return arena_printf(arena, "%.*s/static/tts/%s/%s.mp3",
                        (int)text_length_less(speaker->base_url, '/'), speaker->base_url, user_id,
                        id.text);
}
