/* SPDX-License-Identifier: MIT */
#include "gen/media/api.h"
#include "lib/base/spoken.h"
#include "services/media/media.h"

enum status handle_speak(struct call *call, const struct speak_request *in, struct media_reply *out)
{
    const struct media *media = call->app;
    const struct spoken_options everything = {.read_links = true};
    const char *text = spoken_prepare(call->arena, in->text, &everything);
    if (!text)
        return call_fail(call, STATUS_BAD_REQUEST, "nothing to speak");

    enum status status = speech_begin(media->speech, in->user_id, in->id, in->voice_id, text);
    if (status == STATUS_TOO_MANY)
        return call_fail_retry(call, status, "too much speech",
                               1 + MEDIA_SPEECH_WINDOW_S / media->config->speech_per_minute);
    if (status == STATUS_UNAVAILABLE)
        return call_fail(call, status, "too many texts wait to be spoken");
    if (status != STATUS_OK)
        return status;
    out->status = "ok";
    return STATUS_OK;
}

enum status handle_cancel_speech(struct call *call, const struct cancel_speech_request *in,
                                 struct media_reply *out)
{
    const struct media *media = call->app;
    out->status = "ok";
    return speech_cancel(media->speech, in->user_id, in->id);
}
