/* SPDX-License-Identifier: MIT */
#include "services/media/audio/worker/mp3_frames.h"

#define ID3V2_HEADER_BYTES 10
#define ID3V2_HAS_FOOTER 0x10
#define ID3V1_BYTES 128
#define FRAME_HEADER_BYTES 4
/* Padding after a tag, or the rest of a frame that a cut left; the longest frame has 1441 bytes. */
#define JUNK_BEFORE_MAX 4096

struct frame {
    size_t bytes;
    unsigned stream; /* the bits of its header that are the same in all frames: version, rate */
};

/* Four bytes of seven bits. False when an eighth is set. */
static bool read_synchsafe(const uint8_t *at, size_t *ret_value)
{
    if ((at[0] | at[1] | at[2] | at[3]) & 0x80)
        return false;
    *ret_value = (size_t)at[0] << 21 | (size_t)at[1] << 14 | (size_t)at[2] << 7 | at[3];
    return true;
}

/* Bytes of the ID3v2 tag at the start, 0 when there is none. */
static size_t measure_tag(const uint8_t *at, size_t size)
{
    size_t content;
    if (size < ID3V2_HEADER_BYTES || memcmp(at, "ID3", 3) != 0 || !read_synchsafe(at + 6, &content))
        return 0;
    size_t total = ID3V2_HEADER_BYTES + content;
    if (at[5] & ID3V2_HAS_FOOTER)
        total += ID3V2_HEADER_BYTES;
    return total < size ? total : size;
}

/* Files that went through several tools have several tags. */
static size_t measure_tags(const uint8_t *at, size_t size)
{
    size_t total = 0;
    for (size_t tag = 1; tag > 0; total += tag)
        tag = measure_tag(at + total, size - total);
    return total;
}

static bool read_frame(const uint8_t *at, size_t size, struct frame *ret_frame)
{
    static const uint16_t kbits_v1[] = {0,   32,  40,  48,  56,  64,  80,  96,
                                        112, 128, 160, 192, 224, 256, 320, 0};
    static const uint16_t kbits_v2[] = {0,  8,  16, 24,  32,  40,  48,  56,
                                        64, 80, 96, 112, 128, 144, 160, 0};
    static const uint16_t rates_hz[] = {44100, 48000, 32000, 0};

    if (size < FRAME_HEADER_BYTES || at[0] != 0xFF || (at[1] & 0xE6) != 0xE2)
        return false;                  /* no sync, or not layer III */
    unsigned version = at[1] >> 3 & 3; /* 0: 2.5, 1: none, 2: 2, 3: 1 */
    unsigned rate_hz = rates_hz[at[2] >> 2 & 3];
    unsigned kbits = (version == 3 ? kbits_v1 : kbits_v2)[at[2] >> 4];
    if (version == 1 || rate_hz == 0 || kbits == 0)
        return false;
    unsigned halvings = version == 3 ? 0 : version == 2 ? 1 : 2;
    unsigned bytes_per_kbit = version == 3 ? 144000 : 72000;
    unsigned padding = at[2] >> 1 & 1;
    ret_frame->bytes = kbits * bytes_per_kbit / (rate_hz >> halvings) + padding;
    ret_frame->stream = (unsigned)(at[1] & 0x18) << 8 | (at[2] & 0x0C);
    return true;
}

/* Whether a frame is at the start, with another one of its stream behind it. */
static bool begins_run(const uint8_t *at, size_t size)
{
    struct frame first, second;
    return read_frame(at, size, &first) && first.bytes < size &&
           read_frame(at + first.bytes, size - first.bytes, &second) &&
           first.stream == second.stream;
}

/* Goes from frame to frame, and byte by byte where there is none. */
static size_t count_frame_bytes(const uint8_t *at, size_t size, size_t *ret_end)
{
    size_t counted = 0;
    struct frame frame;
    for (size_t i = 0; i < size;) {
        if (!read_frame(at + i, size - i, &frame)) {
            i++;
            continue;
        }
        size_t bytes = frame.bytes < size - i ? frame.bytes : size - i; /* the last may be cut */
        counted += bytes;
        i += bytes;
        *ret_end = i;
    }
    return counted;
}

bool mp3_frames_find(struct slice file, struct slice *ret_frames)
{
    const uint8_t *bytes = file.data;
    size_t begin = measure_tags(bytes, file.size);
    size_t size = file.size;
    if (size - begin > ID3V1_BYTES && memcmp(bytes + size - ID3V1_BYTES, "TAG", 3) == 0)
        size -= ID3V1_BYTES;

    size_t last = begin + JUNK_BEFORE_MAX < size ? begin + JUNK_BEFORE_MAX : size;
    size_t first = begin;
    while (first < last && !begins_run(bytes + first, size - first))
        first++;
    if (first == last)
        return false;

    size_t end = 0;
    size_t counted = count_frame_bytes(bytes + first, size - first, &end);
    if (counted < (size - begin) / 2)
        return false;
    *ret_frames = (struct slice){bytes + first, end};
    return true;
}
