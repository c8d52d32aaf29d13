/* SPDX-License-Identifier: MIT */
/* The workers are this program itself. The voice's speaks text as samples that are its very bytes,
 * "<ru+f3 165>Привет", and the audio's gives samples back as they are: so what was made can be
 * read, and zeros in it are pauses. */
#include "services/media/speech/maker.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "services/media/workers/wire.h"
#include "tests/support/speech_server.h"

#include <signal.h>

#define LONG_MS 60000   /* a limit that no slow machine reaches */
#define SLOW "медленно" /* a word that takes long to say */
#define SLOW_SECONDS 3
#define ARENA_BYTES ((size_t)64 * 1024 * 1024)

/* ---- the workers ---- */

static void receive(void *data, size_t size)
{
    for (char *at = data; size > 0;) {
        ssize_t got = read(STDIN_FILENO, at, size);
        if (got <= 0)
            _exit(0);
        at += got;
        size -= (size_t)got;
    }
}

static void send_all(const void *data, size_t size)
{
    for (const char *at = data; size > 0;) {
        ssize_t sent = write(STDOUT_FILENO, at, size);
        if (sent <= 0)
            _exit(3);
        at += sent;
        size -= (size_t)sent;
    }
}

static void answer(enum worker_result result, const void *data, size_t size)
{
    struct worker_frame frame = {.code = result, .size = (uint32_t)size};
    send_all(&frame, sizeof(frame));
    send_all(data, size);
}

static void answer_text(const char *text)
{
    AUTO_BUFFER(samples, AUDIO_PCM_MAX);
    for (; *text; text++) {
        int16_t sample = (unsigned char)*text;
        buffer_add(&samples, &sample, sizeof(sample));
    }
    answer(WORKER_READY, samples.data, samples.size);
}

/* Cut at the maximum, as ttb-voice does. */
static void answer_seconds(unsigned seconds)
{
    static int16_t noise[VOICE_PCM_MAX / sizeof(int16_t)];
    for (size_t i = 0; i < ARRAY_LEN(noise); i++)
        noise[i] = 'x';
    if (seconds > VOICE_SECONDS_MAX)
        seconds = VOICE_SECONDS_MAX;
    answer(WORKER_READY, noise, (size_t)seconds * VOICE_RATE_HZ * sizeof(int16_t));
}

static void play_voice(const char *name, const struct voice_request *request, const char *text)
{
    unsigned slow = 0;
    for (const char *at = text; (at = strstr(at, SLOW)); at++)
        slow++;
    if (slow > 0) {
        answer_seconds(slow * SLOW_SECONDS);
    } else if (text[strspn(text, " .,-")] == '\0') {
        answer(WORKER_REFUSED, NULL, 0);
    } else {
        AUTO_BUFFER(line, 2 * VOICE_TEXT_MAX);
        buffer_printf(&line, "<%s %u>%s", name, request->speed_wpm, text);
        answer_text(buffer_text(&line));
    }
}

static void play_audio(uint32_t operation, const char *data, size_t size)
{
    if (operation == AUDIO_ENCODE)
        answer(WORKER_READY, data, size);
    else if (size > 200 && memcmp(data + sizeof(struct audio_decoding), "ID3", 3) == 0 &&
             !memmem(data, size, "no audio", 8))
        answer_text("<decoded>");
    else
        answer(WORKER_REFUSED, NULL, 0);
}

static _Noreturn void play_worker(const char *argument)
{
    answer(WORKER_READY, NULL, 0);
    struct worker_frame frame;
    for (;;) {
        receive(&frame, sizeof(frame));
        char *data = calloc(1, frame.size + 1);
        receive(data, frame.size);
        struct voice_request request;
        memcpy(&request, data, sizeof(request));
        if (argument)
            play_voice(argument, &request, data + sizeof(request));
        else
            play_audio(frame.code, data, frame.size);
        free(data);
    }
}

/* ---- the tests ---- */

struct fixture {
    struct maker maker;
    struct arena *arena;
    struct buffer out;
    struct speech_server server;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    const struct local_voices_options local = {
        .program = "/proc/self/exe", .workers = 2, .time_limit_ms = LONG_MS};
    const struct audio_options audio = {
        .program = "/proc/self/exe", .name = "test", .workers = 1, .time_limit_ms = LONG_MS};
    fixture = (struct fixture){
        .maker = {.local = local_voices_new(&local), .audio = audio_new(&audio)},
        .arena = arena_new(ARENA_BYTES),
    };
    buffer_init(&fixture.out, SPEECH_AUDIO_MAX);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    local_voices_free(fixture->maker.local);
    audio_free(fixture->maker.audio);
    arena_free(fixture->arena);
    buffer_done(&fixture->out);
    return 0;
}

/* With the other server, whose voice "anna" speaks Russian. */
static int set_up_remote(void **state)
{
    set_up(state);
    struct fixture *fixture = *state;
    fixture->server = speech_server_start(false);
    const struct remote_options remote = {.url = fixture->server.url,
                                          .key = "",
                                          .model = "tts-1",
                                          .timeout_ms = LONG_MS,
                                          .connections = 1};
    fixture->maker.remote = remote_new(&remote);
    AUTO_BUFFER(problems, 4096);
    assert_int_equal(voices_configure("anna=ru", &problems), STATUS_OK);
    return 0;
}

static int tear_down_remote(void **state)
{
    struct fixture *fixture = *state;
    remote_free(fixture->maker.remote);
    speech_server_stop(&fixture->server);
    return tear_down(state);
}

static enum status make_at(struct fixture *fixture, const char *voice, double speed,
                           const char *text)
{
    const struct speech_order order = {
        .voice = voices_find(voice),
        .text = text,
        .speed = speed,
        .format = AUDIO_WAV,
        .deadline_ms = clock_mono_ms() + LONG_MS,
    };
    assert_non_null(order.voice);
    return maker_make(&fixture->maker, &order, fixture->arena, &fixture->out);
}

static enum status make(struct fixture *fixture, const char *voice, const char *text)
{
    return make_at(fixture, voice, 1, text);
}

static struct audio_encoding encoding_of(const struct buffer *out)
{
    struct audio_encoding encoding;
    assert_true(out->size >= sizeof(encoding));
    memcpy(&encoding, out->data, sizeof(encoding));
    return encoding;
}

/* The samples as text, pauses as their milliseconds: "<ru+f3 165>Раз. |250|<ru+f3 165>Два." */
static const char *transcript(struct fixture *fixture)
{
    struct audio_encoding encoding = encoding_of(&fixture->out);
    AUTO_BUFFER(text, SPEECH_AUDIO_MAX);
    unsigned zeros = 0;
    for (size_t at = sizeof(encoding); at < fixture->out.size; at += sizeof(int16_t)) {
        int16_t sample;
        memcpy(&sample, fixture->out.data + at, sizeof(sample));
        if (sample != 0 && zeros > 0)
            buffer_printf(&text, "|%u|", (zeros * 1000 + encoding.rate_hz / 2) / encoding.rate_hz);
        zeros = sample == 0 ? zeros + 1 : 0;
        if (sample != 0)
            buffer_add_char(&text, (char)sample);
    }
    assert_int_equal(zeros, 0); /* no silence at the end */
    return arena_text(fixture->arena, buffer_text(&text));
}

static void assert_made(struct fixture *fixture, const char *voice, const char *text,
                        const char *expected)
{
    assert_int_equal(make(fixture, voice, text), STATUS_OK);
    assert_string_equal(transcript(fixture), expected);
}

static void each_part_is_spoken_by_a_voice_that_reads_it(void **state)
{
    struct fixture *fixture = *state;
    assert_made(fixture, "gtts-ru", "Привет.", "<ru+f3 165>Привет.");
    assert_made(fixture, "gtts-en", "Привет.", "<ru+f3 165>Привет.");
    assert_made(fixture, "ru-RU-DmitryNeural", "Привет, γειά σου! Пока",
                "<ru+m3 165>Привет,|150|<el+m3 165>γειά σου!|250|<ru+m3 165>Пока");
}

static void a_text_is_written_out_before_it_is_spoken(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(make(fixture, "gtts-ru", "Ровно 5."), STATUS_OK);
    assert_non_null(strstr(transcript(fixture), "пять"));
}

static void a_long_text_is_spoken_whole_with_a_pause_after_each_piece(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUFFER(text, 20000);
    for (int i = 0; i < 128; i++)
        buffer_add_text(&text, "Мама мыла раму утром. ");
    text.data[text.size - 1] = '\0';
    assert_int_equal(make(fixture, "gtts-ru", text.data), STATUS_OK);
    unsigned sentences = 0, pieces = 0;
    const char *made = transcript(fixture);
    for (const char *at = made; (at = strstr(at, "Мама мыла раму утром.")); at++)
        sentences++;
    for (const char *at = made; (at = strstr(at, "|250|<ru+f3 165>Мама")); at++)
        pieces++;
    assert_int_equal(sentences, 128);
    assert_in_range(pieces, 8, 20);
}

static void what_has_no_sound_is_passed_over(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(make(fixture, "gtts-ru", "..."), STATUS_INVALID);
    assert_int_equal(fixture->out.size, 0);
    assert_int_equal(make(fixture, "gtts-ru", ""), STATUS_INVALID);
}

static void what_espeak_lacks_of_the_speed_is_left_to_the_encoder(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *voice;
        double speed;
        const char *spoken;
        double tempo;
    } cases[] = {
        {"gtts-ru", 1, "<ru+f3 165>", 1},           {"gtts-ru", 2, "<ru+f3 330>", 1},
        {"gtts-ru", 4, "<ru+f3 450>", 660 / 450.0}, {"gtts-ru", 0.25, "<ru+f3 80>", 41.25 / 80},
        {"gtts-ru-slow", 1, "<ru+f3 115>", 1},      {"gtts-ru-slow", 4, "<ru+f3 450>", 460 / 450.0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(make_at(fixture, cases[i].voice, cases[i].speed, "Привет"), STATUS_OK);
        assert_float_equal(encoding_of(&fixture->out).tempo, cases[i].tempo, 0.001);
        const char *made = transcript(fixture);
        if (strncmp(made, cases[i].spoken, strlen(cases[i].spoken)) != 0)
            fail_msg("%s instead of %s", made, cases[i].spoken);
    }
}

static void all_voices_of_a_text_speak_at_the_speed_of_the_main_one(void **state)
{
    struct fixture *fixture = *state;
    assert_made(fixture, "gtts-ru-slow", "Привет γειά σου",
                "<ru+f3 115>Привет|86|<el+f3 115>γειά σου");
    assert_int_equal(make_at(fixture, "gtts-ru-slow", 4, "Привет γειά σου"), STATUS_OK);
    assert_string_equal(transcript(fixture), "<ru+f3 450>Привет|22|<el+f3 450>γειά σου");
}

static void add_slow_words(struct buffer *text, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        buffer_add_text(text, SLOW " ");
}

static void what_would_be_cut_is_spoken_in_smaller_pieces(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUFFER(text, 20000);
    add_slow_words(&text, 150);
    assert_int_equal(make(fixture, "gtts-ru", buffer_text(&text)), STATUS_OK);
    size_t samples = 0;
    for (const char *at = transcript(fixture); *at; at++)
        samples += *at == 'x';
    assert_int_equal(samples, 150 * SLOW_SECONDS * VOICE_RATE_HZ);
}

static void speech_has_an_end(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUFFER(text, 20000);
    add_slow_words(&text, SPEECH_SECONDS_MAX / SLOW_SECONDS + 1);
    assert_int_equal(make(fixture, "gtts-ru", buffer_text(&text)), STATUS_TOO_LARGE);
    assert_int_equal(fixture->out.size, 0);
    assert_int_equal(make_at(fixture, "gtts-ru", 4, buffer_text(&text)), STATUS_OK);
}

static void nothing_begins_past_the_deadline(void **state)
{
    struct fixture *fixture = *state;
    const struct speech_order order = {.voice = voices_get(NULL),
                                       .text = "Привет",
                                       .speed = 1,
                                       .format = AUDIO_MP3,
                                       .deadline_ms = clock_mono_ms() - 1};
    assert_int_equal(maker_make(&fixture->maker, &order, fixture->arena, &fixture->out),
                     STATUS_TIMEOUT);
}

/* ---- the other server ---- */

static void what_another_server_speaks_is_decoded_and_encoded_again(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(make_at(fixture, "http:anna", 2, "Привет, hello 5!"), STATUS_OK);
    assert_string_equal(transcript(fixture), "<decoded>");
    assert_float_equal(encoding_of(&fixture->out).tempo, 1, 0);
    AUTO_BUFFER(order, 4096);
    speech_server_call(&fixture->server, "/_last", NULL, &order);
    assert_non_null(strstr(buffer_text(&order), "\"input\": \"Привет, hello 5!\""));
    assert_non_null(strstr(buffer_text(&order), "\"voice\": \"anna\""));
    assert_non_null(strstr(buffer_text(&order), "\"speed\": 2"));
}

static void it_gets_a_long_text_in_pieces(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUFFER(text, 20000);
    for (int i = 0; i < 60; i++)
        buffer_add_text(&text, "Мама мыла раму утром. ");
    assert_int_equal(make(fixture, "http:anna", buffer_text(&text)), STATUS_OK);
    assert_string_equal(transcript(fixture), "<decoded>|250|<decoded>|250|<decoded>");
    assert_int_equal(speech_server_seen(&fixture->server).requests, 3);
}

static void what_it_fails_to_speak_is_unavailable(void **state)
{
    struct fixture *fixture = *state;
    static const char *const modes[] = {"500", "broken", "garbage"};
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        speech_server_set_mode(&fixture->server, modes[i]);
        assert_int_equal(make(fixture, "http:anna", "Привет"), STATUS_UNAVAILABLE);
        assert_int_equal(fixture->out.size, 0);
    }
    remote_free(TAKE(fixture->maker.remote));
    assert_int_equal(make(fixture, "http:anna", "Привет"), STATUS_UNAVAILABLE);
}

int main(int argc, char **argv)
{
    if (!getenv("PATH")) /* which workers are not given */
        play_worker(argc > 1 ? argv[1] : NULL);
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define TEST_REMOTE(name) cmocka_unit_test_setup_teardown(name, set_up_remote, tear_down_remote)
        TEST(each_part_is_spoken_by_a_voice_that_reads_it),
        TEST(a_text_is_written_out_before_it_is_spoken),
        TEST(a_long_text_is_spoken_whole_with_a_pause_after_each_piece),
        TEST(what_has_no_sound_is_passed_over),
        TEST(what_espeak_lacks_of_the_speed_is_left_to_the_encoder),
        TEST(all_voices_of_a_text_speak_at_the_speed_of_the_main_one),
        TEST(what_would_be_cut_is_spoken_in_smaller_pieces),
        TEST(speech_has_an_end),
        TEST(nothing_begins_past_the_deadline),
        TEST_REMOTE(what_another_server_speaks_is_decoded_and_encoded_again),
        TEST_REMOTE(it_gets_a_long_text_in_pieces),
        TEST_REMOTE(what_it_fails_to_speak_is_unavailable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
