/* SPDX-License-Identifier: MIT */
/* Whatever a file holds, ttb-audio measures and decodes it, or refuses it; and what it says of it
 * is sane. An input is a line of text that says how to make a sound file, such as
 *
 *     mp3 rate 2 channels 1 long 1 cut 0 wish 7
 *
 * and damage to it, each of four bytes: a place, bits, and a kind. So no binary file need be kept.
 * An input without such a line is a file itself. */
#include "services/media/audio/wire.h"
#include "services/media/audio/worker/encode.h"
#include "services/media/audio/worker/handle.h"

#include <assert.h>
#include <math.h>

#define LINE_MAX_BYTES 100
#define RATES 6
#define SHORT_MS 50
#define LONG_MS 400

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[AUDIO_FORMAT_COUNT] = {"mp3", "wav", "vorbis", "opus", "m4a"};
static const unsigned rates_hz[RATES] = {8000, 16000, 22050, 44100, 48000, 96000};

struct recipe {
    enum audio_format format;
    unsigned rate;
    unsigned channels;
    unsigned is_long;
    unsigned cut; /* bytes off the end */
    unsigned wish;
};

/* Takes the line off the input. */
static bool read_recipe(struct slice *input, struct recipe *ret_recipe)
{
    char line[LINE_MAX_BYTES + 1] = "", name[11];
    const char *end = memchr(input->data, '\n', input->size);
    if (!end || end - (const char *)input->data > LINE_MAX_BYTES)
        return false;
    size_t size = (size_t)(end - (const char *)input->data);
    memcpy(line, input->data, size);
    struct recipe recipe = {0};
    if (sscanf(line, "%10s rate %5u channels %5u long %5u cut %5u wish %5u", name, &recipe.rate,
               &recipe.channels, &recipe.is_long, &recipe.cut, &recipe.wish) != 6)
        return false;
    while (recipe.format < AUDIO_FORMAT_COUNT && strcmp(names[recipe.format], name) != 0)
        recipe.format++;
    if (recipe.format == AUDIO_FORMAT_COUNT)
        return false;
    recipe.rate %= RATES;
    recipe.channels %= 2;
    recipe.is_long %= 2;
    *input = (struct slice){end + 1, input->size - size - 1};
    *ret_recipe = recipe;
    return true;
}

static void encode_tone(const struct recipe *recipe, struct buffer *file)
{
    const struct encoder_options options = {
        .format = recipe->format,
        .rate_hz = rates_hz[recipe->rate],
        .channels = 1 + recipe->channels,
        .bit_rate = 48000,
    };
    AUTO(encoder_free) struct encoder *encoder = encoder_new(&options, file);
    assert(encoder);
    const size_t frames = options.rate_hz * (recipe->is_long ? LONG_MS : SHORT_MS) / 1000;
    for (size_t i = 0; i < frames; i++) {
        float value = 0.3F * sinf((float)i * 0.1F) + 0.1F * sinf((float)(i * i) * 0.001F);
        const float frame[] = {value, -value};
        bool is_added = encoder_add(encoder, frame, 1);
        assert(is_added);
    }
    bool is_finished = encoder_finish(encoder);
    assert(is_finished);
}

/* Files are made once and kept. */
static void make_file(const struct recipe *recipe, struct buffer *file)
{
    static struct buffer made[AUDIO_FORMAT_COUNT][RATES][2][2];
    struct buffer *whole = &made[recipe->format][recipe->rate][recipe->channels][recipe->is_long];
    if (whole->max == 0) {
        buffer_init(whole, 1 << 20);
        encode_tone(recipe, whole);
    }
    size_t cut = recipe->cut < whole->size ? recipe->cut : whole->size;
    buffer_add(file, whole->data, whole->size - cut);
}

enum {
    ANYWHERE = 1, /* and not near an end, where headers are */
    FROM_END = 2,
    NUMBER = 4, /* four bytes */
    INSTEAD = 8,
};

static void damage_once(struct buffer *file, size_t place, uint8_t bits, uint8_t kind)
{
    static const uint32_t numbers[] = {0, 1, 2, 1000, 44100, 65535, 0x7FFFFFFF, 0xFFFFFFFF};
    size_t range = kind & ANYWHERE || file->size < 1000 ? file->size : 1000;
    place %= range;
    if (kind & FROM_END)
        place = file->size - 1 - place;
    if (kind & NUMBER && file->size - place >= 4) {
        uint32_t number = numbers[bits % ARRAY_LEN(numbers)];
        number = kind & INSTEAD ? number : __builtin_bswap32(number);
        memcpy(file->data + place, &number, sizeof(number));
    } else {
        char *byte = &file->data[place];
        *byte = (char)(kind & INSTEAD ? bits : *byte ^ bits);
    }
}

static void damage(struct buffer *file, struct slice how)
{
    const uint8_t *at = how.data;
    for (size_t left = how.size; left >= 4 && file->size > 0; left -= 4, at += 4)
        damage_once(file, (size_t)at[0] << 8 | at[1], at[2], at[3]);
}

static uint32_t ogg_sum(const uint8_t *page, size_t size)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < size; i++) {
        sum ^= (uint32_t)page[i] << 24;
        for (unsigned bit = 0; bit < 8; bit++)
            sum = sum & 0x80000000 ? sum << 1 ^ 0x04C11DB7 : sum << 1;
    }
    return sum;
}

/* Damage must not be noticed by its checksum. */
static void mend_ogg(struct buffer *file)
{
    uint8_t *page = (uint8_t *)file->data;
    for (size_t left = file->size; left > 27;) {
        size_t size = 27 + (size_t)page[26];
        for (size_t i = 27; i < 27 + (size_t)page[26] && i < left; i++)
            size += page[i];
        if (size > left)
            return;
        memset(page + 22, 0, 4);
        uint32_t sum = ogg_sum(page, size);
        memcpy(page + 22, &sum, sizeof(sum));
        page += size;
        left -= size;
    }
}

static enum worker_result ask(uint32_t code, const void *head, size_t head_size,
                              const struct buffer *file, struct buffer *answer)
{
    AUTO_BUFFER(request, 2 << 20);
    buffer_add(&request, head, head_size);
    buffer_add(&request, buffer_text(file), file->size);
    buffer_clear(answer);
    return audio_handle(code, request.data, (uint32_t)request.size, answer);
}

static void examine(const struct buffer *file, unsigned number)
{
    const struct audio_wish wish = {
        .max_ms = number & 1 ? 100 : 5000,
        .normalise = number >> 1 & 1,
        .loudness_lufs = number & 4 ? -30 : -10,
        .peak_max_dbtp = -1,
        .copy_format = number & 8 ? AUDIO_FORMAT_OF_FILE : number >> 4 & 3,
        .copy_max_bytes = number & 128 ? 3000 : 100000,
    };
    AUTO_BUFFER(answer, 1 << 20);
    if (ask(AUDIO_EXAMINE, &wish, sizeof(wish), file, &answer) != WORKER_READY)
        return;
    struct audio_measure measure;
    assert(!answer.overflowed && answer.size >= sizeof(measure));
    memcpy(&measure, answer.data, sizeof(measure));
    assert(measure.format < AUDIO_FORMAT_COUNT && measure.copy_format < AUDIO_FORMAT_COUNT);
    assert(measure.is_silent <= 1 && measure.duration_ms <= wish.max_ms + 500);
    assert(isfinite(measure.loudness_lufs) && isfinite(measure.peak_dbtp));
    assert(isfinite(measure.gain_db));
    size_t copy_bytes = answer.size - sizeof(measure);
    assert(copy_bytes <= (wish.normalise ? wish.copy_max_bytes : 0));
    assert((copy_bytes > 0) == (measure.gain_db != 0));
}

static void decode(const struct buffer *file)
{
    const struct audio_decoding decoding = {.rate_hz = 22050, .max_ms = 1000};
    AUTO_BUFFER(answer, 1 << 20);
    if (ask(AUDIO_DECODE, &decoding, sizeof(decoding), file, &answer) == WORKER_READY)
        assert(answer.size > 0 && answer.size <= 22050 * sizeof(int16_t));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool is_ready;
    if (!is_ready)
        audio_handle_init();
    is_ready = true;

    struct slice input = {data, size};
    struct recipe recipe = {.wish = (unsigned)size};
    AUTO_BUFFER(file, 1 << 20);
    if (read_recipe(&input, &recipe)) {
        make_file(&recipe, &file);
        damage(&file, input);
        if (recipe.format == AUDIO_OGG_VORBIS || recipe.format == AUDIO_OGG_OPUS)
            mend_ogg(&file);
    } else {
        buffer_add(&file, data, size);
    }
    if (recipe.wish & 64)
        decode(&file);
    else
        examine(&file, recipe.wish);
    return 0;
}
