/* SPDX-License-Identifier: MIT */
#include "services/media/audio/worker/convert.h"

#include "services/media/audio/worker/handles.h"

#include <libavutil/opt.h>

/* Whether the swr was made for such frames. */
static bool suits(const struct converter *converter, const AVFrame *frame)
{
    return converter->swr && converter->rate_hz == frame->sample_rate &&
           converter->channels == frame->ch_layout.nb_channels &&
           converter->format == (enum AVSampleFormat)frame->format;
}

static bool is_sane(const AVFrame *frame)
{
    return frame->sample_rate >= CONVERT_RATE_MIN_HZ && frame->sample_rate <= CONVERT_RATE_MAX_HZ &&
           frame->ch_layout.nb_channels >= 1 &&
           frame->ch_layout.nb_channels <= CONVERT_CHANNELS_MAX;
}

/* Channels are placed by their number alone; a file's own idea of it may be odd. */
static bool prepare(struct converter *converter, const AVFrame *frame)
{
    AVChannelLayout from = {0}, to = {0};
    av_channel_layout_default(&from, frame->ch_layout.nb_channels);
    av_channel_layout_default(&to, (int)converter->pcm->channels);
    AUTO(swr_context_free) SwrContext *swr = NULL;
    if (swr_alloc_set_opts2(&swr, &to, AV_SAMPLE_FMT_FLT, (int)converter->pcm->rate_hz, &from,
                            (enum AVSampleFormat)frame->format, frame->sample_rate, 0, NULL) < 0)
        return false;
    av_opt_set_double(swr, "rematrix_maxval", 1, 0); /* what is mixed down must not clip */
    if (swr_init(swr) < 0)
        return false;
    converter->swr = TAKE(swr);
    converter->rate_hz = frame->sample_rate;
    converter->channels = frame->ch_layout.nb_channels;
    converter->format = (enum AVSampleFormat)frame->format;
    return true;
}

/* Converts frames, or what the swr still holds when there are none. */
static bool convert(struct converter *converter, const uint8_t **planes, int frames)
{
    struct pcm *pcm = converter->pcm;
    int most = swr_get_out_samples(converter->swr, frames);
    if (most <= 0)
        return most == 0;
    if (!pcm_reserve(pcm, (size_t)most))
        return false;
    uint8_t *end = (uint8_t *)pcm_end(pcm);
    int count = swr_convert(converter->swr, &end, most, planes, frames);
    if (count < 0)
        return false;
    pcm_extend(pcm, (size_t)count);
    if (pcm->frames <= converter->frames_max)
        return true;
    pcm->frames = converter->frames_max;
    return false;
}

bool converter_drain(struct converter *converter)
{
    bool has_room = !converter->swr || convert(converter, NULL, 0);
    swr_free(&converter->swr);
    return has_room;
}

static bool count(struct converter *converter, const AVFrame *frame, int frames)
{
    struct pcm *pcm = converter->pcm;
    converter->rate_hz = frame->sample_rate;
    pcm->frames += (size_t)av_rescale(frames, pcm->rate_hz, frame->sample_rate);
    if (pcm->frames <= converter->frames_max)
        return true;
    pcm->frames = converter->frames_max;
    return false;
}

bool converter_add(struct converter *converter, const AVFrame *frame, int from, int to)
{
    if (!is_sane(frame))
        return false;
    if (converter->counts_only)
        return count(converter, frame, to > from ? to - from : 0);
    if (!suits(converter, frame) && !(converter_drain(converter) && prepare(converter, frame)))
        return false;
    if (from >= to)
        return true;
    bool is_planar = av_sample_fmt_is_planar(converter->format);
    int planes = is_planar ? converter->channels : 1;
    int stride = av_get_bytes_per_sample(converter->format) * (is_planar ? 1 : converter->channels);
    const uint8_t *data[CONVERT_CHANNELS_MAX];
    for (int i = 0; i < planes; i++)
        data[i] = frame->extended_data[i] + (ptrdiff_t)from * stride;
    return convert(converter, data, to - from);
}

void converter_done(struct converter *converter)
{
    swr_free(&converter->swr);
}
