/* SPDX-License-Identifier: MIT */
/* Speech for v1 clients, who need not say who they are: it belongs to nobody, and another server,
 * which may cost money, speaks none of their texts. */
#include "gen/media/api.h"
#include "lib/base/spoken.h"
#include "lib/base/text.h"
#include "lib/base/uuid.h"
#include "services/media/domain/samples.h"
#include "services/media/media.h"

/* Begins to speak text; *ret_url is where it will be. */
static enum status begin(struct call *call, const struct voice *voice, const char *text,
                         const char **ret_url)
{
    const struct media *media = call->app;
    const struct spoken_options everything = {.read_links = true};
    const char *spoken = spoken_prepare(call->arena, text, &everything);
    if (!spoken)
        return call_fail(call, STATUS_BAD_REQUEST, "nothing to speak");
    struct uuid id;
    uuid_make_timed(call->now_ms, &id);
    enum status status = speech_begin(media->speech, NULL, id.text, voice->id, spoken);
    if (status == STATUS_UNAVAILABLE)
        return call_fail(call, status, "too many texts wait to be spoken");
    const struct media_config *config = media->config;
    const char *base = *config->tts_base_url ? config->tts_base_url : config->media_base_url;
    *ret_url = arena_printf(call->arena, "%.*s/static/tts/%s.mp3", (int)text_length_less(base, '/'),
                            base, id.text);
    return status;
}

enum status handle_v1_speak(struct call *call, const struct v1_speak_request *in,
                            struct v1_speak_reply *out)
{
    const struct voice *voice = voices_local_of(voices_get(in->voice_id));
    return begin(call, voice, in->text, &out->url);
}

/* Another server's voice says its own sample, which is made once and then cached. */
enum status handle_v1_sample(struct call *call, const struct v1_sample_request *in,
                             struct v1_sample_reply *out)
{
    const struct voice *voice = voices_get(in->voice_id);
    if (text_is_blank(in->text))
        return begin(call, voice, sample_text(voice->lang), &out->audio_url);
    return begin(call, voices_local_of(voice), in->text, &out->audio_url);
}
