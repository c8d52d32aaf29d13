/* SPDX-License-Identifier: MIT */
#include "gen/auth/messages.h"
#include "gen/media/api.h"
#include "lib/base/clock.h"
#include "lib/base/spoken.h"
#include "lib/base/text.h"
#include "lib/base/uuid.h"
#include "services/media/media.h"

static const struct format {
    const char *name;
    enum audio_format format;
    const char *content_type;
} formats[] = {
    {"mp3", AUDIO_MP3, "audio/mpeg"},
    {"wav", AUDIO_WAV, "audio/wav"},
    {"opus", AUDIO_OGG_OPUS, "audio/ogg"},
};

/* The first where the request names none of them, which its decoder has refused before. */
static const struct format *find_format(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        if (text_equal(formats[i].name, name))
            return &formats[i];
    }
    return &formats[0];
}

static enum status check_voice(struct call *call, const struct voice *voice)
{
    const struct user_rights_request nothing = {0};
    struct user_rights_reply rights = {0};
    enum status status = auth_user_rights(call, &nothing, &rights);
    if (status != STATUS_OK)
        return status;
    if (voice_is_remote(voice) && !rights.has_all_voices)
        return call_fail(call, STATUS_FORBIDDEN, "tariff does not allow this voice");
    return STATUS_OK;
}

static enum status take_allowance(struct call *call)
{
    const struct media *media = call->app;
    if (!media->speech_allowance)
        return STATUS_OK;
    struct allowance_key key;
    uuid_bytes(call->caller.user_id, key.bytes);
    struct allowance_verdict verdict =
        allowance_take(media->speech_allowance, &key, clock_mono_ns());
    if (verdict.is_refused)
        return call_fail_retry(call, STATUS_TOO_MANY, "too much speech", verdict.reset_s);
    return STATUS_OK;
}

/* A remote voice has half of the time, so that a local one can still speak when it does not. */
static enum status make(struct call *call, struct speech_order *order)
{
    const struct media *media = call->app;
    int64_t now_ms = clock_mono_ms();
    int64_t left_ms = call->deadline_ms - clock_wall_ms();
    if (voice_is_remote(order->voice)) {
        order->deadline_ms = now_ms + left_ms / 2;
        if (maker_make(&media->maker, order, call->arena, call->body) == STATUS_OK)
            return STATUS_OK;
        order->voice = voices_local_of(order->voice);
    }
    order->deadline_ms = now_ms + left_ms;
    return maker_make(&media->maker, order, call->arena, call->body);
}

enum status handle_create_speech(struct call *call, const struct create_speech_request *in,
                                 struct binary *out)
{
    const struct spoken_options everything = {.read_links = true};
    const struct format *format = find_format(in->response_format);
    struct speech_order order = {
        .voice = voices_get(in->voice),
        .text = spoken_prepare(call->arena, in->input, &everything),
        .speed = in->speed,
        .format = format->format,
    };
    enum status status = check_voice(call, order.voice);
    if (status != STATUS_OK)
        return status;
    if (!order.text)
        return call_fail(call, STATUS_BAD_REQUEST, "nothing to speak");
    status = take_allowance(call);
    if (status != STATUS_OK)
        return status;

    status = make(call, &order);
    if (status == STATUS_INVALID)
        return call_fail(call, STATUS_BAD_REQUEST, "nothing to speak");
    if (status == STATUS_TOO_LARGE)
        return call_fail(call, STATUS_BAD_REQUEST, "speech would be too long");
    if (status == STATUS_INTERNAL) /* it brought down two workers */
        return call_fail(call, STATUS_UNAVAILABLE, NULL);
    *out = (struct binary){format->content_type, buffer_slice(call->body)};
    return status;
}
