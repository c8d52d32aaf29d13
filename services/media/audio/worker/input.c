/* SPDX-License-Identifier: MIT */
#include "services/media/audio/worker/input.h"

#include "services/media/audio/worker/handles.h"
#include "services/media/audio/worker/mp3_frames.h"

#define IO_BUFFER_BYTES 16384
#define STREAMS_MAX 16

struct kind {
    const char *demuxer;
    struct slice bytes; /* what of the file it is to see */
};

static const struct {
    const char *demuxer;
    enum AVCodecID codec;
    enum audio_format format;
} formats[] = {
    {"mp3", AV_CODEC_ID_MP3, AUDIO_MP3},       {"wav", AV_CODEC_ID_PCM_U8, AUDIO_WAV},
    {"wav", AV_CODEC_ID_PCM_S16LE, AUDIO_WAV}, {"wav", AV_CODEC_ID_PCM_S24LE, AUDIO_WAV},
    {"wav", AV_CODEC_ID_PCM_S32LE, AUDIO_WAV}, {"wav", AV_CODEC_ID_PCM_F32LE, AUDIO_WAV},
    {"wav", AV_CODEC_ID_PCM_F64LE, AUDIO_WAV}, {"wav", AV_CODEC_ID_PCM_ALAW, AUDIO_WAV},
    {"wav", AV_CODEC_ID_PCM_MULAW, AUDIO_WAV}, {"ogg", AV_CODEC_ID_VORBIS, AUDIO_OGG_VORBIS},
    {"ogg", AV_CODEC_ID_OPUS, AUDIO_OGG_OPUS}, {"mov", AV_CODEC_ID_AAC, AUDIO_M4A},
};

static bool has_at(struct slice file, size_t offset, const char *mark)
{
    size_t size = strlen(mark);
    return file.size >= offset + size && memcmp((const char *)file.data + offset, mark, size) == 0;
}

/* FFmpeg's own probing knows hundreds of formats, and is lenient with MP3. */
static bool find_kind(struct slice file, struct kind *ret_kind)
{
    ret_kind->bytes = file;
    if (has_at(file, 0, "RIFF") && has_at(file, 8, "WAVE"))
        ret_kind->demuxer = "wav";
    else if (has_at(file, 0, "OggS"))
        ret_kind->demuxer = "ogg";
    else if (has_at(file, 4, "ftyp"))
        ret_kind->demuxer = "mov";
    else if (mp3_frames_find(file, &ret_kind->bytes))
        ret_kind->demuxer = "mp3";
    else
        return false;
    return true;
}

static int read_memory(void *context, uint8_t *data, int size)
{
    struct slice *unread = &((struct input *)context)->unread;
    size_t part = (size_t)size < unread->size ? (size_t)size : unread->size;
    if (part == 0)
        return AVERROR_EOF;
    memcpy(data, unread->data, part);
    *unread = (struct slice){(const uint8_t *)unread->data + part, unread->size - part};
    return (int)part;
}

static int64_t seek_memory(void *context, int64_t offset, int whence)
{
    struct input *input = context;
    const struct slice *bytes = &input->bytes;
    if (whence == AVSEEK_SIZE)
        return (int64_t)bytes->size;
    if (whence != SEEK_SET || offset < 0 || (uint64_t)offset > bytes->size)
        return AVERROR(EINVAL);
    input->unread = (struct slice){(const uint8_t *)bytes->data + offset, bytes->size - offset};
    return offset;
}

/* A file that names another one is not followed. */
static int refuse_to_open(AVFormatContext *container, AVIOContext **io, const char *url, int flags,
                          AVDictionary **options)
{
    (void)container, (void)io, (void)url, (void)flags, (void)options;
    return AVERROR(EACCES);
}

static AVIOContext *new_io(struct input *input)
{
    unsigned char *buffer = av_malloc(IO_BUFFER_BYTES);
    AVIOContext *io = buffer ? avio_alloc_context(buffer, IO_BUFFER_BYTES, 0, input, read_memory,
                                                  NULL, seek_memory)
                             : NULL;
    if (!io)
        abort();
    return io;
}

static bool open_container(struct input *input, const char *demuxer)
{
    AVFormatContext *container = avformat_alloc_context();
    if (!container)
        abort();
    AVIOContext *io = new_io(input);
    container->pb = io;
    container->io_open = refuse_to_open;
    container->max_streams = STREAMS_MAX;
    container->max_probe_packets = 1; /* of PCM, which might be DTS: it is taken for what it says */
    AVDictionary *options = NULL;
    /* An edit list would have parts of the sound skipped, or others repeated. */
    av_dict_set(&options, "advanced_editlist", "0", 0);
    av_dict_set(&options, "protocol_whitelist", "none", 0);
    int failed = avformat_open_input(&container, NULL, av_find_input_format(demuxer), &options);
    av_dict_free(&options);
    if (failed) { /* which frees all but the io */
        av_freep(&io->buffer);
        avio_context_free(&io);
        return false;
    }
    input->container = container;
    return true;
}

/* Whether the streams are as they must be; picks the one. */
static bool pick_stream(struct input *input)
{
    for (unsigned i = 0; i < input->container->nb_streams; i++) {
        AVStream *stream = input->container->streams[i];
        enum AVMediaType type = stream->codecpar->codec_type;
        bool is_cover = stream->disposition & AV_DISPOSITION_ATTACHED_PIC;
        if (type == AVMEDIA_TYPE_AUDIO && !input->stream)
            input->stream = stream;
        else if (type == AVMEDIA_TYPE_AUDIO || (type == AVMEDIA_TYPE_VIDEO && !is_cover))
            return false;
        else
            stream->discard = AVDISCARD_ALL;
    }
    return input->stream;
}

static bool find_format(struct input *input, const char *demuxer)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        if (formats[i].codec != input->stream->codecpar->codec_id ||
            strcmp(formats[i].demuxer, demuxer) != 0)
            continue;
        input->format = formats[i].format;
        return true;
    }
    return false;
}

struct input *input_new(struct slice file)
{
    struct kind kind;
    if (!find_kind(file, &kind))
        return NULL;
    AUTO(input_free) struct input *input = calloc(1, sizeof(*input));
    if (!input)
        abort();
    input->bytes = input->unread = kind.bytes;
    if (!open_container(input, kind.demuxer) || !pick_stream(input) ||
        !find_format(input, kind.demuxer))
        return NULL;
    return TAKE(input);
}

bool input_read(struct input *input, AVPacket *packet)
{
    for (;;) {
        av_packet_unref(packet);
        if (av_read_frame(input->container, packet) < 0)
            return false;
        /* One that came to light later has not been looked at: it is not let in. */
        if (packet->stream_index == input->stream->index)
            return true;
    }
}

void input_free(struct input *input)
{
    if (!input)
        return;
    if (input->container) {
        AVIOContext *io = input->container->pb;
        avformat_close_input(&input->container);
        av_freep(&io->buffer);
        avio_context_free(&io);
    }
    free(input);
}
