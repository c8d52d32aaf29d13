/* SPDX-License-Identifier: MIT */
#include "services/media/audio/worker/encode.h"

#include "services/media/audio/worker/handles.h"
#include "services/media/audio/worker/output.h"

#include <libavutil/opt.h>
#include <math.h>

#define LOSSY_RATE_MAX_HZ 48000
#define PCM_CHUNK_FRAMES 4096 /* for encoders that take any number */

struct encoder {
    struct output output;
    AVFormatContext *container;
    AVStream *stream;
    AVCodecContext *codec;
    SwrContext *converter;
    AVAudioFifo *fifo; /* in the codec's form */
    AVPacket *packet;
    AVFrame *frame;
    unsigned rate_hz; /* of the samples that come in */
    int64_t encoded;  /* frames */
};

static const struct {
    const char *muxer;
    const char *codec;
    int speed; /* the encoder's own scale of quality against speed, -1: none */
} makers[AUDIO_FORMAT_COUNT] = {
    [AUDIO_MP3] = {"mp3", "libmp3lame", 7}, /* twice as fast as 5, which few can tell from it */
    [AUDIO_WAV] = {"wav", "pcm_s16le", -1},
    [AUDIO_OGG_VORBIS] = {"ogg", "libvorbis", -1},
    [AUDIO_OGG_OPUS] = {"ogg", "libopus", 5},
    /* Its own choice: the coder that is three times as fast spoils loud tones. */
    [AUDIO_M4A] = {"ipod", "aac", -1},
};

double encoder_loss_db(enum audio_format format, unsigned bit_rate)
{
    if (format != AUDIO_MP3 || bit_rate >= 256000)
        return 0;
    double scale = bit_rate >= 224000 ? 0.98 : bit_rate >= 192000 ? 0.97 : 0.95; /* LAME's own */
    return -20 * log10(scale);
}

/* The lowest of the codec's rates that loses nothing, else its highest. What comes with loss needs
 * no more than LOSSY_RATE_MAX_HZ, beyond which FFmpeg's AAC does badly. */
static int pick_rate(const AVCodec *codec, const struct encoder_options *options)
{
    int wanted = (int)options->rate_hz;
    if (options->format != AUDIO_WAV)
        wanted = FFMIN(wanted, LOSSY_RATE_MAX_HZ);
    int best = 0, highest = 0;
    for (const int *rate = codec->supported_samplerates; rate && *rate; rate++) {
        if (*rate >= wanted && (best == 0 || *rate < best))
            best = *rate;
        highest = FFMAX(highest, *rate);
    }
    return best ? best : highest ? highest : wanted;
}

/* libvorbis is told a quality, since it refuses many bit rates at low sample rates: this is the one
 * that gives about that rate, by its own table for a channel at 44.1 kHz. */
static double vorbis_quality(const struct encoder_options *options)
{
    static const unsigned kbits[] = {22, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 250};
    double rate_share = FFMIN(options->rate_hz / 44100.0, 1);
    double wanted = options->bit_rate / 1000.0 / options->channels / rate_share;
    unsigned i = 0;
    while (i + 1 < ARRAY_LEN(kbits) && wanted >= kbits[i + 1])
        i++;
    return (double)i - 1;
}

static void set_effort(const struct encoder *encoder, const struct encoder_options *options)
{
    AVCodecContext *codec = encoder->codec;
    int speed = makers[options->format].speed;
    if (speed >= 0)
        codec->compression_level = speed;
    codec->bit_rate = options->bit_rate;
    if (options->format != AUDIO_OGG_VORBIS)
        return;
    codec->bit_rate = 0;
    codec->flags |= AV_CODEC_FLAG_QSCALE;
    codec->global_quality = (int)(vorbis_quality(options) * FF_QP2LAMBDA);
}

static bool open_codec(struct encoder *encoder, const struct encoder_options *options)
{
    const AVCodec *kind = avcodec_find_encoder_by_name(makers[options->format].codec);
    AVCodecContext *codec = encoder->codec = avcodec_alloc_context3(kind);
    if (!kind || !codec)
        abort();
    codec->sample_fmt = kind->sample_fmts[0];
    codec->sample_rate = pick_rate(kind, options);
    av_channel_layout_default(&codec->ch_layout, (int)options->channels);
    codec->time_base = (AVRational){1, codec->sample_rate};
    codec->thread_count = 1;
    codec->flags |= AV_CODEC_FLAG_BITEXACT;
    if (encoder->container->oformat->flags & AVFMT_GLOBALHEADER)
        codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    set_effort(encoder, options);
    return avcodec_open2(codec, kind, NULL) == 0;
}

/* libswresample multiplies by its volume when it mixes. */
static bool open_converter(struct encoder *encoder, double gain_db)
{
    AVCodecContext *codec = encoder->codec;
    if (swr_alloc_set_opts2(&encoder->converter, &codec->ch_layout, codec->sample_fmt,
                            codec->sample_rate, &codec->ch_layout, AV_SAMPLE_FMT_FLT,
                            (int)encoder->rate_hz, 0, NULL) < 0 ||
        av_opt_set_double(encoder->converter, "rematrix_volume", pow(10, gain_db / 20), 0) < 0 ||
        swr_init(encoder->converter) < 0)
        return false;
    encoder->fifo =
        av_audio_fifo_alloc(codec->sample_fmt, codec->ch_layout.nb_channels, 2 * PCM_CHUNK_FRAMES);
    return encoder->fifo;
}

/* Bit exact: no time of day, no versions, no random numbers, for which a device would be read. */
static bool open_container(struct encoder *encoder)
{
    encoder->stream = avformat_new_stream(encoder->container, NULL);
    if (!encoder->stream ||
        avcodec_parameters_from_context(encoder->stream->codecpar, encoder->codec) < 0)
        return false;
    encoder->stream->time_base = encoder->codec->time_base;
    encoder->container->pb = encoder->output.io;
    encoder->container->flags |= AVFMT_FLAG_BITEXACT;
    AVDictionary *options = NULL;
    av_dict_set(&options, "id3v2_version", "0", 0);
    int result = avformat_write_header(encoder->container, &options);
    av_dict_free(&options);
    return result >= 0;
}

struct encoder *encoder_new(const struct encoder_options *options, struct buffer *out)
{
    AUTO(encoder_free) struct encoder *encoder = calloc(1, sizeof(*encoder));
    if (!encoder)
        abort();
    output_init(&encoder->output, out);
    encoder->rate_hz = options->rate_hz;
    encoder->packet = av_packet_alloc();
    encoder->frame = av_frame_alloc();
    if (!encoder->packet || !encoder->frame ||
        avformat_alloc_output_context2(&encoder->container, NULL, makers[options->format].muxer,
                                       NULL) < 0)
        abort();
    if (!open_codec(encoder, options) || !open_converter(encoder, options->gain_db) ||
        !open_container(encoder))
        return NULL;
    return TAKE(encoder);
}

static bool write_packets(struct encoder *encoder)
{
    for (;;) {
        int result = avcodec_receive_packet(encoder->codec, encoder->packet);
        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
            return true;
        if (result < 0)
            return false;
        av_packet_rescale_ts(encoder->packet, encoder->codec->time_base,
                             encoder->stream->time_base);
        if (av_write_frame(encoder->container, encoder->packet) < 0 ||
            encoder->output.bytes->overflowed)
            return false;
        av_packet_unref(encoder->packet);
    }
}

/* Encodes so many frames out of the fifo. */
static bool encode_frame(struct encoder *encoder, int frames)
{
    AVFrame *frame = encoder->frame;
    const AVCodecContext *codec = encoder->codec;
    av_frame_unref(frame);
    frame->nb_samples = frames;
    frame->format = codec->sample_fmt;
    frame->sample_rate = codec->sample_rate;
    if (av_channel_layout_copy(&frame->ch_layout, &codec->ch_layout) < 0 ||
        av_frame_get_buffer(frame, 0) < 0 ||
        av_audio_fifo_read(encoder->fifo, (void **)frame->extended_data, frames) != frames)
        return false;
    frame->pts = encoder->encoded;
    encoder->encoded += frames;
    return avcodec_send_frame(encoder->codec, frame) == 0 && write_packets(encoder);
}

static int frame_size(const struct encoder *encoder)
{
    return encoder->codec->frame_size > 0 ? encoder->codec->frame_size : PCM_CHUNK_FRAMES;
}

/* Puts frames into the fifo, or what the converter still holds when there are none. */
static bool convert(struct encoder *encoder, const float *samples, int frames)
{
    uint8_t *planes[AV_NUM_DATA_POINTERS] = {0};
    const AVCodecContext *codec = encoder->codec;
    int most = swr_get_out_samples(encoder->converter, frames);
    if (most <= 0)
        return most == 0;
    if (av_samples_alloc(planes, NULL, codec->ch_layout.nb_channels, most, codec->sample_fmt, 0) <
        0)
        return false;
    const uint8_t *in = (const uint8_t *)samples;
    int count = swr_convert(encoder->converter, planes, most, samples ? &in : NULL, frames);
    bool is_kept =
        count >= 0 && av_audio_fifo_write(encoder->fifo, (void **)planes, count) == count;
    av_freep(&planes[0]);
    return is_kept;
}

bool encoder_add(struct encoder *encoder, const float *samples, size_t frames)
{
    const int channels = encoder->codec->ch_layout.nb_channels;
    while (frames > 0) {
        size_t part = frames < PCM_CHUNK_FRAMES ? frames : PCM_CHUNK_FRAMES;
        if (!convert(encoder, samples, (int)part))
            return false;
        while (av_audio_fifo_size(encoder->fifo) >= frame_size(encoder))
            if (!encode_frame(encoder, frame_size(encoder)))
                return false;
        samples += part * (size_t)channels;
        frames -= part;
    }
    return true;
}

bool encoder_finish(struct encoder *encoder)
{
    if (!convert(encoder, NULL, 0))
        return false;
    while (av_audio_fifo_size(encoder->fifo) > 0)
        if (!encode_frame(encoder, FFMIN(av_audio_fifo_size(encoder->fifo), frame_size(encoder))))
            return false;
    if (avcodec_send_frame(encoder->codec, NULL) < 0 || !write_packets(encoder) ||
        av_write_trailer(encoder->container) < 0)
        return false;
    avio_flush(encoder->output.io);
    return !encoder->output.bytes->overflowed;
}

void encoder_free(struct encoder *encoder)
{
    if (!encoder)
        return;
    avformat_free_context(encoder->container);
    avcodec_free_context(&encoder->codec);
    swr_free(&encoder->converter);
    if (encoder->fifo)
        av_audio_fifo_free(encoder->fifo);
    av_packet_free(&encoder->packet);
    av_frame_free(&encoder->frame);
    output_done(&encoder->output);
    free(encoder);
}
