/* SPDX-License-Identifier: MIT */
#include "services/media/audio/worker/tempo.h"

#include "services/media/audio/worker/handles.h"

#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>

#include <math.h>

struct tempo {
    AVFilterGraph *graph;
    AVFilterContext *source;
    AVFilterContext *sink;
    AVFrame *frame;
    struct encoder *encoder;
    unsigned rate_hz;
};

static AVFilterContext *add_filter(struct tempo *tempo, const char *name, const char *arguments)
{
    AVFilterContext *filter = NULL;
    if (avfilter_graph_create_filter(&filter, avfilter_get_by_name(name), name, arguments, NULL,
                                     tempo->graph) < 0)
        abort();
    return filter;
}

static AVFilterContext *append(struct tempo *tempo, AVFilterContext *to, const char *name,
                               const char *arguments)
{
    AVFilterContext *filter = add_filter(tempo, name, arguments);
    if (avfilter_link(to, 0, filter, 0) < 0)
        abort();
    return filter;
}

/* Beyond 0.5 to 2, atempo refuses or drops samples instead of blending them: two go there in turn.
 */
static void build(struct tempo *tempo, double factor)
{
    unsigned steps = factor < 0.5 || factor > 2 ? 2 : 1;
    char form[128], step[32];
    snprintf(form, sizeof(form), "sample_rate=%u:sample_fmt=flt:channel_layout=mono:time_base=1/%u",
             tempo->rate_hz, tempo->rate_hz);
    snprintf(step, sizeof(step), "tempo=%.6f", steps == 2 ? sqrt(factor) : factor);
    AVFilterContext *last = tempo->source = add_filter(tempo, "abuffer", form);
    for (unsigned i = 0; i < steps; i++)
        last = append(tempo, last, "atempo", step);
    tempo->sink = append(tempo, last, "abuffersink", NULL);
    if (avfilter_graph_config(tempo->graph, NULL) < 0)
        abort();
}

struct tempo *tempo_new(double factor, unsigned rate_hz, struct encoder *encoder)
{
    struct tempo *tempo = calloc(1, sizeof(*tempo));
    if (!tempo)
        abort();
    tempo->encoder = encoder;
    tempo->rate_hz = rate_hz;
    tempo->frame = av_frame_alloc();
    tempo->graph = avfilter_graph_alloc();
    if (!tempo->frame || !tempo->graph)
        abort();
    tempo->graph->nb_threads = 1;
    build(tempo, factor);
    return tempo;
}

static bool pass_on(struct tempo *tempo)
{
    for (;;) {
        int result = av_buffersink_get_frame(tempo->sink, tempo->frame);
        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
            return true;
        if (result < 0)
            return false;
        bool is_taken = encoder_add(tempo->encoder, (const float *)tempo->frame->data[0],
                                    (size_t)tempo->frame->nb_samples);
        av_frame_unref(tempo->frame);
        if (!is_taken)
            return false;
    }
}

bool tempo_add(struct tempo *tempo, const float *samples, size_t count)
{
    AUTO(frame_free) AVFrame *frame = av_frame_alloc();
    if (!frame)
        abort();
    frame->nb_samples = (int)count;
    frame->format = AV_SAMPLE_FMT_FLT;
    frame->sample_rate = (int)tempo->rate_hz;
    av_channel_layout_default(&frame->ch_layout, 1);
    if (av_frame_get_buffer(frame, 0) < 0)
        return false;
    memcpy(frame->data[0], samples, count * sizeof(*samples));
    return av_buffersrc_add_frame(tempo->source, frame) == 0 && pass_on(tempo);
}

bool tempo_finish(struct tempo *tempo)
{
    return av_buffersrc_add_frame(tempo->source, NULL) == 0 && pass_on(tempo);
}

void tempo_free(struct tempo *tempo)
{
    if (!tempo)
        return;
    avfilter_graph_free(&tempo->graph);
    av_frame_free(&tempo->frame);
    free(tempo);
}
