/* SPDX-License-Identifier: MIT */
/* FFmpeg's handles clean up after themselves: its own destructors take a pointer to the handle. */
#pragma once

#include "lib/base/macros.h"

#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>
#include <libavutil/audio_fifo.h>
#include <libavutil/frame.h>
#include <libswresample/swresample.h>

static inline void packet_free(AVPacket *packet)
{
    av_packet_free(&packet);
}

static inline void frame_free(AVFrame *frame)
{
    av_frame_free(&frame);
}

static inline void codec_free(AVCodecContext *codec)
{
    avcodec_free_context(&codec);
}

static inline void swr_context_free(SwrContext *swr)
{
    swr_free(&swr);
}

static inline void graph_free(AVFilterGraph *graph)
{
    avfilter_graph_free(&graph);
}

AUTO_DEFINE(AVPacket *, packet_free)
AUTO_DEFINE(AVFrame *, frame_free)
AUTO_DEFINE(AVCodecContext *, codec_free)
AUTO_DEFINE(SwrContext *, swr_context_free)
AUTO_DEFINE(AVFilterGraph *, graph_free)
AUTO_DEFINE(AVAudioFifo *, av_audio_fifo_free)
