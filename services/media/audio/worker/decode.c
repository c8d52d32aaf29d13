/* SPDX-License-Identifier: MIT */
#include "services/media/audio/worker/decode.h"

#include "services/media/audio/worker/convert.h"
#include "services/media/audio/worker/handles.h"
#include "services/media/audio/worker/input.h"

#include <libavutil/intreadwrite.h>

#define SKIP_SIDE_DATA_BYTES 10
#define MP3_DELAY 1105      /* LAME's 576 samples, and 529 of every decoder */
#define BAD_IN_A_ROW_MAX 64 /* an index of nonsense can name millions of packets */

struct decoder {
    const struct decode_wish *wish;
    struct input *input;
    AVCodecContext *codec;
    struct converter converter;
    struct pcm *pcm;
    int64_t skip;      /* frames of the file still to be dropped at the start */
    int64_t skipped;   /* so far */
    int64_t skip_left; /* how many more a header may claim */
    int64_t drop_left; /* likewise at the end */
    unsigned good;     /* packets */
    unsigned bad;
};

static bool open_codec(struct decoder *decoder)
{
    const AVStream *stream = decoder->input->stream;
    const AVCodec *codec = avcodec_find_decoder(stream->codecpar->codec_id);
    decoder->codec = avcodec_alloc_context3(codec);
    if (!codec || !decoder->codec)
        abort();
    if (avcodec_parameters_to_context(decoder->codec, stream->codecpar) < 0)
        return false;
    decoder->codec->pkt_timebase = stream->time_base;
    decoder->codec->thread_count = 1;
    decoder->codec->flags2 |= AV_CODEC_FLAG2_SKIP_MANUAL; /* not without bounds */
    return avcodec_open2(decoder->codec, codec, NULL) == 0;
}

/* The first frame decides what comes out. */
static void settle(struct decoder *decoder, const AVFrame *frame)
{
    struct pcm *pcm = decoder->pcm;
    const struct decode_wish *wish = decoder->wish;
    pcm->rate_hz = wish->rate_hz ? wish->rate_hz : (unsigned)frame->sample_rate;
    pcm->channels = FFMIN((unsigned)frame->ch_layout.nb_channels, wish->channels_max);
    decoder->converter.pcm = pcm;
    decoder->converter.counts_only = wish->counts_only;
    decoder->converter.frames_max = ((size_t)wish->max_ms + DECODE_PAST_MS) * pcm->rate_hz / 1000;
    decoder->skip_left = (int64_t)frame->sample_rate * DECODE_TRIM_MAX_MS / 1000;
    decoder->drop_left = decoder->skip_left;
}

static int64_t take_at_most(int64_t *left, int64_t wanted)
{
    int64_t taken = wanted < *left ? wanted : *left;
    *left -= taken;
    return taken;
}

/* What of the frame is sound, and not an encoder's delay or padding. */
static void trim(struct decoder *decoder, const AVFrame *frame, int *ret_from, int *ret_to)
{
    const AVFrameSideData *claim = av_frame_get_side_data(frame, AV_FRAME_DATA_SKIP_SAMPLES);
    int64_t drop = 0;
    if (claim && claim->size >= SKIP_SIDE_DATA_BYTES) {
        decoder->skip += take_at_most(&decoder->skip_left, AV_RL32(claim->data));
        int64_t padding = AV_RL32(claim->data + 4);
        if (padding <= frame->nb_samples)
            drop = take_at_most(&decoder->drop_left, padding);
    }
    int64_t left = frame->nb_samples - drop;
    int64_t skipped = decoder->skip < left ? decoder->skip : left;
    decoder->skip -= skipped;
    decoder->skipped += skipped;
    *ret_from = (int)skipped;
    *ret_to = (int)left;
}

static bool keep_frame(struct decoder *decoder, const AVFrame *frame)
{
    if (decoder->pcm->channels == 0)
        settle(decoder, frame);
    int from, to;
    trim(decoder, frame, &from, &to);
    return converter_add(&decoder->converter, frame, from, to);
}

/* Everything that the codec has ready. False when no more is wanted. */
static bool receive_frames(struct decoder *decoder, AVFrame *frame)
{
    for (;;) {
        int result = avcodec_receive_frame(decoder->codec, frame);
        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
            return true;
        if (result < 0) {
            decoder->bad++;
            return true;
        }
        if (!keep_frame(decoder, frame))
            return false;
    }
}

/* Some packets may be bad, at a cut or where bytes were lost. */
static bool is_hopeless(const struct decoder *decoder, unsigned bad_allowed)
{
    return decoder->bad > decoder->good / 2 + bad_allowed;
}

/* A packet that the codec refuses leaves a gap. */
static bool decode_packet(struct decoder *decoder, const AVPacket *packet, AVFrame *frame)
{
    if (avcodec_send_packet(decoder->codec, packet) < 0)
        decoder->bad++;
    else
        decoder->good++;
    return receive_frames(decoder, frame) && !is_hopeless(decoder, BAD_IN_A_ROW_MAX);
}

static void decode_all(struct decoder *decoder)
{
    AUTO(packet_free) AVPacket *packet = av_packet_alloc();
    AUTO(frame_free) AVFrame *frame = av_frame_alloc();
    if (!packet || !frame)
        abort();
    bool goes_on = true;
    while (goes_on && input_read(decoder->input, packet))
        goes_on = decode_packet(decoder, packet, frame);
    if (goes_on)
        goes_on = decode_packet(decoder, NULL, frame);
    if (goes_on)
        converter_drain(&decoder->converter);
}

/* Frames of sound that the headers of an M4A claim, INT64_MAX for no claim: the movie's length, in
 * which an encoder's delay and padding do not count, and the media's, in which the delay does. */
static int64_t claimed_frames(const struct decoder *decoder)
{
    const AVStream *stream = decoder->input->stream;
    const int64_t movie_us = decoder->input->container->duration;
    const int rate_hz = (int)decoder->pcm->rate_hz;
    int64_t claimed = INT64_MAX;
    if (movie_us > 0)
        claimed = av_rescale(movie_us, rate_hz, AV_TIME_BASE);
    if (stream->duration > 0) {
        int64_t media = av_rescale_q(stream->duration, stream->time_base, (AVRational){1, rate_hz});
        int64_t delay = av_rescale(decoder->skipped, rate_hz, decoder->converter.rate_hz);
        claimed = FFMIN(claimed, media - delay);
    }
    return claimed;
}

static void drop_padding(struct decoder *decoder)
{
    struct pcm *pcm = decoder->pcm;
    int64_t claimed = claimed_frames(decoder);
    int64_t surplus = (int64_t)pcm->frames - claimed;
    if (claimed > 0 && surplus > 0 && surplus <= (int64_t)pcm->rate_hz * DECODE_TRIM_MAX_MS / 1000)
        pcm->frames = (size_t)claimed;
}

static size_t count_untold_padding(const struct decoder *decoder)
{
    if (decoder->input->format != AUDIO_MP3 || decoder->skipped > 0)
        return 0;
    int64_t padding = av_rescale(MP3_DELAY + decoder->codec->frame_size, decoder->pcm->rate_hz,
                                 decoder->converter.rate_hz);
    return FFMIN((size_t)padding, decoder->pcm->frames / 2);
}

static unsigned find_bit_rate(const struct decoder *decoder)
{
    const AVCodecParameters *told = decoder->input->stream->codecpar;
    if (decoder->input->format == AUDIO_M4A && told->bit_rate > 0)
        return (unsigned)FFMIN(told->bit_rate, INT_MAX);
    int64_t counted = av_rescale((int64_t)decoder->input->bytes.size * 8, decoder->pcm->rate_hz,
                                 (int64_t)decoder->pcm->frames);
    return (unsigned)FFMIN(counted, INT_MAX);
}

static bool run(struct decoder *decoder, struct decoded *ret_decoded)
{
    if (!open_codec(decoder))
        return false;
    decode_all(decoder);
    struct pcm *pcm = decoder->pcm;
    if (pcm->frames == 0 || is_hopeless(decoder, 0))
        return false;
    if (decoder->input->format == AUDIO_M4A)
        drop_padding(decoder);
    size_t counted = pcm->frames - count_untold_padding(decoder);
    ret_decoded->format = decoder->input->format;
    ret_decoded->bit_rate = find_bit_rate(decoder);
    ret_decoded->duration_ms = (uint32_t)(counted * 1000 / pcm->rate_hz);
    return true;
}

bool decode_file(struct slice file, const struct decode_wish *wish, struct decoded *ret_decoded)
{
    AUTO(input_free) struct input *input = input_new(file);
    if (!input)
        return false;
    struct decoder decoder = {.wish = wish, .input = input, .pcm = &ret_decoded->pcm};
    bool is_sound = run(&decoder, ret_decoded);
    avcodec_free_context(&decoder.codec);
    converter_done(&decoder.converter);
    return is_sound;
}
