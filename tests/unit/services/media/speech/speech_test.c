/* SPDX-License-Identifier: MIT */
/* Speech is made by the test itself: its "MP3" is the voice and the text. */
#include "services/media/speech/speech.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "services/media/speech/store.h"
#include "tests/support/folder.h"
#include "tests/support/small_disk.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/support/await.h"

#define USER "11111111-2222-4333-8444-555555555555"
#define OTHER_USER "22222222-2222-4333-8444-555555555555"
#define LONG_MS 600000
#define REMOTE_VOICE "http:anna"

/* What the maker is in these tests. It makes nothing of a text that begins with "gate" until the
 * gate is open. */
struct kitchen {
    struct maker maker; /* the first member: the rest is found by it */
    atomic_uint made;
    atomic_bool server_is_down;
    pthread_mutex_t mutex;
    pthread_cond_t opened;
    unsigned at_gate;
    bool is_open;
};

static void wait_at_gate(struct kitchen *kitchen)
{
    pthread_mutex_lock(&kitchen->mutex);
    kitchen->at_gate++;
    while (!kitchen->is_open)
        pthread_cond_wait(&kitchen->opened, &kitchen->mutex);
    pthread_mutex_unlock(&kitchen->mutex);
}

static enum status make(const struct maker *maker, const struct speech_order *order,
                        struct arena *arena, struct buffer *out)
{
    struct kitchen *kitchen = (struct kitchen *)(uintptr_t)maker;
    (void)arena;
    atomic_fetch_add(&kitchen->made, 1);
    if (text_starts_with(order->text, "gate"))
        wait_at_gate(kitchen);
    if (text_equal(order->text, "crash"))
        return STATUS_INTERNAL;
    if (text_equal(order->text, "..."))
        return STATUS_INVALID;
    if (voice_is_remote(order->voice) && kitchen->server_is_down)
        return STATUS_UNAVAILABLE;
    buffer_clear(out);
    buffer_printf(out, "%s: %s", order->voice->id, order->text);
    return STATUS_OK;
}

/* ---- a replica ---- */

struct fixture {
    char folder[32];
    int root;
    struct kitchen kitchen;
    struct metrics *metrics;
    struct pending *pending;
    struct allowance *allowance;
    struct speech_options options; /* for a test to change before it starts */
    struct speech *speech;
};

static struct pending *new_pending(int root)
{
    struct pending_options options = {
        .root = root, .speeches_max = 16, .waiters_max = 8, .strangers_max = 8, .wait_ms = LONG_MS};
    return pending_new(&options);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.folder = "/tmp/speech_test.XXXXXX", .metrics = metrics_new()};
    pthread_mutex_init(&fixture.kitchen.mutex, NULL);
    pthread_cond_init(&fixture.kitchen.opened, NULL);
    if (!mkdtemp(fixture.folder))
        return -1;
    fixture.root = speech_store_open(fixture.folder);
    fixture.options = (struct speech_options){
        .root = fixture.root,
        .maker = &fixture.kitchen.maker,
        .make = make,
        .threads = 1,
        .remote_name = "server",
        .queue_max = 2,
        .joins_max = 4,
        .patience_ms = LONG_MS,
        .remote_patience_ms = LONG_MS,
        .retention_seconds = 3600,
        .cache_bytes = 1000000,
        .cache_seconds = 3600,
        .metrics = fixture.metrics,
    };
    *state = &fixture;
    return fixture.root < 0;
}

static void start(struct fixture *fixture)
{
    fixture->pending = new_pending(fixture->options.root);
    fixture->options.pending = fixture->pending;
    fixture->options.allowance = fixture->allowance;
    fixture->speech = speech_new(&fixture->options);
}

static void open_gate(struct fixture *fixture)
{
    pthread_mutex_lock(&fixture->kitchen.mutex);
    fixture->kitchen.is_open = true;
    pthread_cond_broadcast(&fixture->kitchen.opened);
    pthread_mutex_unlock(&fixture->kitchen.mutex);
}

static unsigned count_at_gate(struct fixture *fixture)
{
    pthread_mutex_lock(&fixture->kitchen.mutex);
    unsigned there = fixture->kitchen.at_gate;
    pthread_mutex_unlock(&fixture->kitchen.mutex);
    return there;
}

static void await_at_gate(struct fixture *fixture, unsigned count)
{
    AWAIT(count_at_gate(fixture) >= count);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    open_gate(fixture);
    speech_stop(fixture->speech);
    pending_free(fixture->pending);
    allowance_free(fixture->allowance);
    metrics_free(fixture->metrics);
    close(fixture->root);
    pthread_cond_destroy(&fixture->kitchen.opened);
    pthread_mutex_destroy(&fixture->kitchen.mutex);
    return folder_remove(fixture->folder);
}

/* ---- asking ---- */

/* A speech that a test asks for. */
struct asked {
    struct uuid id;
    struct speech_path path;
    enum status status;
};

static struct asked ask(struct fixture *fixture, const char *user_id, const char *voice_id,
                        const char *text)
{
    struct asked asked;
    uuid_make_timed(clock_wall_ms(), &asked.id);
    assert_true(speech_path_make(user_id, asked.id.text, &asked.path));
    asked.status = speech_begin(fixture->speech, user_id, asked.id.text, voice_id, text);
    return asked;
}

static void set_flag(void *waiter)
{
    atomic_store((atomic_int *)waiter, 1);
}

/* Until the speech is made or has failed. */
static void await(struct pending *pending, const struct asked *asked)
{
    atomic_int woken = 0;
    if (pending_wait(pending, asked->path.text, set_flag, &woken) != PENDING_WAIT)
        return;
    AWAIT(atomic_load(&woken));
}

static bool exists(const struct fixture *fixture, const char *path)
{
    return faccessat(fixture->root, path, F_OK, 0) == 0;
}

static void assert_content(const struct fixture *fixture, const struct asked *asked,
                           const char *expected)
{
    char content[256] = "";
    int fd = openat(fixture->root, asked->path.text, O_RDONLY);
    assert_true(fd >= 0);
    assert_true(read(fd, content, sizeof(content) - 1) >= 0);
    close(fd);
    assert_string_equal(content, expected);
}

static void assert_spoken(struct fixture *fixture, const struct asked *asked, const char *expected)
{
    assert_int_equal(asked->status, STATUS_OK);
    await(fixture->pending, asked);
    assert_content(fixture, asked, expected);
}

static void assert_failed(struct fixture *fixture, const struct asked *asked)
{
    assert_int_equal(asked->status, STATUS_OK);
    await(fixture->pending, asked);
    assert_false(exists(fixture, asked->path.text));
}

static int64_t count_of(const struct fixture *fixture, const char *name)
{
    return metric_value(metrics_counter(fixture->metrics, name, "", ""));
}

/* ---- one text ---- */

static void a_text_becomes_a_file(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.threads = 2;
    start(fixture);
    struct asked mine = ask(fixture, USER, "ru-RU-DmitryNeural", "Привет");
    struct asked nobodys = ask(fixture, NULL, NULL, "Пока");
    assert_spoken(fixture, &mine, "ru-RU-DmitryNeural: Привет");
    assert_spoken(fixture, &nobodys, "ru-RU-SvetlanaNeural: Пока");
}

static void the_voice_follows_the_script(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct asked asked = ask(fixture, NULL, "en-US-JennyNeural", "Привет");
    assert_spoken(fixture, &asked, "ru-RU-SvetlanaNeural: Привет");
}

static void what_can_be_no_speech_is_invalid(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    assert_int_equal(speech_begin(fixture->speech, NULL, "../x", NULL, "x"), STATUS_INVALID);
    assert_int_equal(speech_begin(fixture->speech, "..", USER, NULL, "x"), STATUS_INVALID);
    assert_int_equal(speech_begin(fixture->speech, NULL, USER, NULL, " "), STATUS_INVALID);
}

static void a_full_queue_refuses_at_once(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct asked first = ask(fixture, NULL, NULL, "gate");
    assert_int_equal(first.status, STATUS_OK);
    await_at_gate(fixture, 1);
    assert_int_equal(speech_begin(fixture->speech, NULL, first.id.text, NULL, "gate"), STATUS_OK);
    assert_int_equal(ask(fixture, NULL, NULL, "a").status, STATUS_OK);
    assert_int_equal(ask(fixture, NULL, NULL, "b").status, STATUS_OK);
    struct asked refused = ask(fixture, NULL, NULL, "c");
    assert_int_equal(refused.status, STATUS_UNAVAILABLE);
    atomic_int woken = 0;
    assert_int_equal(pending_wait(fixture->pending, refused.path.text, set_flag, &woken),
                     PENDING_GONE);
}

static void a_speech_that_fails_wakes_who_waits(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct asked crashed = ask(fixture, NULL, NULL, "crash");
    struct asked silent = ask(fixture, NULL, NULL, "...");
    assert_failed(fixture, &crashed);
    assert_failed(fixture, &silent);
    assert_int_equal(count_of(fixture, "ttb_speech_failed_total"), 2);
    assert_int_equal(count_of(fixture, "ttb_speech_made_total"), 0);
}

static void a_text_that_waited_too_long_is_given_up(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.patience_ms = 0;
    start(fixture);
    struct asked asked = ask(fixture, NULL, NULL, "x");
    assert_failed(fixture, &asked);
    assert_int_equal(fixture->kitchen.made, 0);
}

static void the_stop_finishes_what_is_queued(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct asked first = ask(fixture, NULL, NULL, "a");
    struct asked second = ask(fixture, NULL, NULL, "b");
    speech_stop(TAKE(fixture->speech));
    assert_content(fixture, &first, "en-US-JennyNeural: a");
    assert_content(fixture, &second, "en-US-JennyNeural: b");
}

static void a_full_disk_is_told_as_the_reason(void **state)
{
    struct fixture *fixture = *state;
    int disk = small_disk_open(fixture->folder);
    if (disk < 0)
        skip();
    assert_int_equal(mkdirat(disk, "tts", 0755), 0);
    int filler = openat(disk, "filler", O_WRONLY | O_CREAT, 0644);
    static char bytes[4096];
    while (write(filler, bytes, sizeof(bytes)) == sizeof(bytes))
        continue;
    close(filler);
    fixture->options.root = disk;
    start(fixture);
    struct asked asked = ask(fixture, USER, NULL, "x");
    await(fixture->pending, &asked);
    assert_int_equal(pending_reason(fixture->pending, asked.path.text), STATUS_NO_SPACE);
    assert_int_equal(unlinkat(disk, "filler", 0), 0);
    struct asked again = ask(fixture, USER, NULL, "x");
    await(fixture->pending, &again);
    assert_int_equal(faccessat(disk, again.path.text, F_OK, 0), 0);
    speech_stop(TAKE(fixture->speech));
    close(disk);
    small_disk_close(fixture->folder);
}

/* ---- equal texts ---- */

static void what_was_made_before_comes_from_the_cache(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct asked first = ask(fixture, USER, NULL, "привет");
    assert_spoken(fixture, &first, "ru-RU-SvetlanaNeural: привет");
    struct asked second = ask(fixture, NULL, "gtts-ru", "привет"); /* which sounds the same */
    assert_true(exists(fixture, second.path.text));
    assert_spoken(fixture, &second, "ru-RU-SvetlanaNeural: привет");
    struct asked slow = ask(fixture, USER, "gtts-ru-slow", "привет");
    assert_spoken(fixture, &slow, "gtts-ru-slow: привет");
    assert_int_equal(count_of(fixture, "ttb_speech_made_total"), 2);
    assert_int_equal(count_of(fixture, "ttb_speech_cache_hits_total"), 1);
    assert_int_equal(count_of(fixture, "ttb_speech_cache_misses_total"), 2);
}

static void without_a_cache_each_is_made(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.cache_bytes = 0;
    start(fixture);
    struct asked first = ask(fixture, USER, NULL, "x");
    assert_spoken(fixture, &first, "en-US-JennyNeural: x");
    struct asked second = ask(fixture, USER, NULL, "x");
    assert_spoken(fixture, &second, "en-US-JennyNeural: x");
    assert_int_equal(fixture->kitchen.made, 2);
    assert_false(exists(fixture, "tts/.cache"));
}

static void a_cache_that_has_become_too_large_is_swept_soon(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.cache_bytes = 30; /* the next sweep is a minute away */
    start(fixture);
    struct asked first = ask(fixture, USER, NULL, "one");
    assert_spoken(fixture, &first, "en-US-JennyNeural: one");
    struct asked second = ask(fixture, USER, NULL, "two");
    assert_spoken(fixture, &second, "en-US-JennyNeural: two");
    AWAIT(count_of(fixture, "ttb_speech_cache_evicted_total") > 0);
    assert_content(fixture, &first, "en-US-JennyNeural: one");
}

static void what_is_asked_for_several_times_at_once_is_made_once(void **state)
{
    struct fixture *fixture = *state;
    static const uint64_t caches[] = {1000000, 0};
    for (size_t round = 0; round < ARRAY_LEN(caches); round++) {
        fixture->options.cache_bytes = caches[round];
        start(fixture);
        struct asked asked[5];
        for (size_t i = 0; i < ARRAY_LEN(asked); i++)
            asked[i] = ask(fixture, USER, NULL, round ? "gate x" : "gate y");
        await_at_gate(fixture, 1);
        struct asked other = ask(fixture, NULL, NULL, "another text");
        assert_int_equal(other.status, STATUS_OK);
        open_gate(fixture);
        for (size_t i = 0; i < ARRAY_LEN(asked); i++)
            assert_spoken(fixture, &asked[i],
                          round ? "en-US-JennyNeural: gate x" : "en-US-JennyNeural: gate y");
        speech_stop(TAKE(fixture->speech));
        pending_free(TAKE(fixture->pending));
        fixture->kitchen.is_open = false;
        fixture->kitchen.at_gate = 0;
    }
    assert_int_equal(fixture->kitchen.made, 4);
    assert_int_equal(count_of(fixture, "ttb_speech_joined_total"), 8);
}

static void more_than_may_wait_for_one_are_refused(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    for (int i = 0; i < 5; i++)
        assert_int_equal(ask(fixture, USER, NULL, "gate").status, STATUS_OK);
    assert_int_equal(ask(fixture, USER, NULL, "gate").status, STATUS_UNAVAILABLE);
}

/* Both replicas have the folder open, and nothing else in common. */
static void replicas_share_what_they_have_made(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct fixture replica = *fixture;
    replica.options.root = speech_store_open(fixture->folder);
    start(&replica);
    struct asked here = ask(fixture, USER, NULL, "x");
    await(replica.pending, &here); /* which was never told of it */
    assert_content(&replica, &here, "en-US-JennyNeural: x");
    struct asked there = ask(&replica, USER, NULL, "x");
    assert_spoken(&replica, &there, "en-US-JennyNeural: x");
    assert_int_equal(fixture->kitchen.made, 1);
    speech_stop(replica.speech);
    pending_free(replica.pending);
    close(replica.options.root);
}

/* ---- users ---- */

static void what_is_made_is_erased(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct asked mine = ask(fixture, USER, NULL, "a");
    struct asked nobodys = ask(fixture, NULL, NULL, "b");
    await(fixture->pending, &mine);
    await(fixture->pending, &nobodys);
    unsigned files = 0;
    assert_int_equal(speech_erase(fixture->speech, USER, &files), STATUS_OK);
    assert_int_equal(files, 1);
    assert_false(exists(fixture, "tts/" USER));
    assert_content(fixture, &nobodys, "en-US-JennyNeural: b");
    assert_int_equal(speech_erase(fixture->speech, USER, &files), STATUS_OK);
    assert_int_equal(files, 0);
    assert_int_equal(speech_erase(fixture->speech, "..", &files), STATUS_INVALID);
}

static void what_is_being_made_does_not_come_back_after_the_erasing(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    assert_int_equal(ask(fixture, USER, NULL, "gate").status, STATUS_OK);
    struct asked others = ask(fixture, OTHER_USER, NULL, "gate");
    assert_int_equal(ask(fixture, USER, NULL, "queued").status, STATUS_OK);
    unsigned files = 1;
    assert_int_equal(speech_erase(fixture->speech, USER, &files), STATUS_OK);
    assert_int_equal(files, 0);
    open_gate(fixture);
    speech_stop(TAKE(fixture->speech));
    assert_false(exists(fixture, "tts/" USER));
    assert_content(fixture, &others, "en-US-JennyNeural: gate");
}

static void a_user_has_so_many_texts_a_minute(void **state)
{
    struct fixture *fixture = *state;
    fixture->allowance = allowance_new(2, 3600);
    start(fixture);
    struct asked first = ask(fixture, USER, NULL, "x");
    assert_spoken(fixture, &first, "en-US-JennyNeural: x");
    assert_int_equal(ask(fixture, USER, NULL, "x").status, STATUS_OK); /* a cached one, too */
    struct asked refused = ask(fixture, USER, NULL, "x");
    assert_int_equal(refused.status, STATUS_TOO_MANY);
    atomic_int woken = 0;
    assert_int_equal(pending_wait(fixture->pending, refused.path.text, set_flag, &woken),
                     PENDING_GONE);
    assert_int_equal(ask(fixture, OTHER_USER, NULL, "x").status, STATUS_OK);
    for (int i = 0; i < 5; i++)
        assert_int_equal(ask(fixture, NULL, NULL, "x").status, STATUS_OK);
    assert_int_equal(count_of(fixture, "ttb_speech_refused_total"), 1);
}

/* ---- another server's voices ---- */

static void start_with_server(struct fixture *fixture)
{
    fixture->options.remote_threads = 1;
    start(fixture);
}

static void another_servers_voice_speaks(void **state)
{
    struct fixture *fixture = *state;
    start_with_server(fixture);
    struct asked asked = ask(fixture, USER, REMOTE_VOICE, "привет");
    assert_spoken(fixture, &asked, REMOTE_VOICE ": привет");
    struct asked unreadable = ask(fixture, USER, REMOTE_VOICE, "გამარჯობა");
    assert_spoken(fixture, &unreadable, "local-ka-f: გამარჯობა");
}

static void without_a_server_a_local_voice_speaks(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct asked asked = ask(fixture, USER, REMOTE_VOICE, "привет");
    assert_spoken(fixture, &asked, "ru-RU-SvetlanaNeural: привет");
}

static void a_local_voice_speaks_while_the_server_fails_and_no_longer(void **state)
{
    struct fixture *fixture = *state;
    fixture->kitchen.server_is_down = true;
    start_with_server(fixture);
    struct asked first = ask(fixture, USER, REMOTE_VOICE, "привет");
    assert_spoken(fixture, &first, "ru-RU-SvetlanaNeural: привет");
    struct asked second = ask(fixture, USER, REMOTE_VOICE, "привет");
    assert_spoken(fixture, &second, "ru-RU-SvetlanaNeural: привет");
    assert_int_equal(count_of(fixture, "ttb_speech_made_total"), 1); /* then it was cached */
    assert_int_equal(count_of(fixture, "ttb_speech_fallbacks_total"), 2);

    fixture->kitchen.server_is_down = false;
    struct asked third = ask(fixture, USER, REMOTE_VOICE, "привет");
    assert_spoken(fixture, &third, REMOTE_VOICE ": привет");
}

static void what_no_voice_can_speak_does_not_go_on_to_a_local_one(void **state)
{
    struct fixture *fixture = *state;
    start_with_server(fixture);
    struct asked asked = ask(fixture, USER, REMOTE_VOICE, "...");
    assert_failed(fixture, &asked);
    assert_int_equal(fixture->kitchen.made, 1);
}

static void a_slow_server_holds_up_no_local_speech(void **state)
{
    struct fixture *fixture = *state;
    start_with_server(fixture);
    struct asked remote = ask(fixture, USER, REMOTE_VOICE, "gate");
    await_at_gate(fixture, 1);
    struct asked local = ask(fixture, USER, NULL, "привет");
    assert_spoken(fixture, &local, "ru-RU-SvetlanaNeural: привет");
    assert_false(exists(fixture, remote.path.text));
    open_gate(fixture);
    assert_spoken(fixture, &remote, REMOTE_VOICE ": gate");
}

static void what_is_too_much_for_the_server_is_spoken_locally(void **state)
{
    struct fixture *fixture = *state;
    start_with_server(fixture);
    assert_int_equal(ask(fixture, USER, REMOTE_VOICE, "gate").status, STATUS_OK);
    await_at_gate(fixture, 1);
    assert_int_equal(ask(fixture, USER, REMOTE_VOICE, "a").status, STATUS_OK);
    assert_int_equal(ask(fixture, USER, REMOTE_VOICE, "b").status, STATUS_OK);
    struct asked third = ask(fixture, USER, REMOTE_VOICE, "привет");
    assert_spoken(fixture, &third, "ru-RU-SvetlanaNeural: привет");
}

static void what_has_waited_long_for_the_server_is_spoken_locally(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.remote_patience_ms = 0;
    start_with_server(fixture);
    assert_int_equal(ask(fixture, USER, REMOTE_VOICE, "gate").status, STATUS_OK);
    struct asked second = ask(fixture, USER, REMOTE_VOICE, "привет");
    clock_sleep_ms(2); /* longer than it may wait */
    open_gate(fixture);
    assert_spoken(fixture, &second, "ru-RU-SvetlanaNeural: привет");
}

/* ---- speech that is not wanted any more ---- */

static void cancel(struct fixture *fixture, const struct asked *asked)
{
    assert_int_equal(speech_cancel(fixture->speech, USER, asked->id.text), STATUS_OK);
    assert_false(exists(fixture, asked->path.text));
    atomic_int woken = 0;
    assert_int_equal(pending_wait(fixture->pending, asked->path.text, set_flag, &woken),
                     PENDING_GONE);
}

static void what_waits_in_the_queue_is_not_made_when_it_is_cancelled(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct asked first = ask(fixture, USER, NULL, "gate");
    await_at_gate(fixture, 1);
    struct asked cancelled = ask(fixture, USER, NULL, "a");
    struct asked other = ask(fixture, USER, NULL, "b");
    atomic_int woken = 0;
    assert_int_equal(pending_wait(fixture->pending, cancelled.path.text, set_flag, &woken),
                     PENDING_WAIT);
    cancel(fixture, &cancelled);
    assert_int_equal(woken, 1);
    open_gate(fixture);
    assert_spoken(fixture, &first, "en-US-JennyNeural: gate");
    assert_spoken(fixture, &other, "en-US-JennyNeural: b");
    assert_int_equal(fixture->kitchen.made, 2);
    assert_false(exists(fixture, cancelled.path.text));
    assert_int_equal(count_of(fixture, "ttb_speech_cancelled_total"), 1);
    assert_int_equal(count_of(fixture, "ttb_speech_failed_total"), 0);
}

static void who_wants_the_same_as_somebody_who_cancelled_gets_it(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct asked first = ask(fixture, USER, NULL, "gate");
    await_at_gate(fixture, 1);
    struct asked leader = ask(fixture, USER, NULL, "a");
    struct asked joined = ask(fixture, OTHER_USER, NULL, "a");
    cancel(fixture, &leader);
    open_gate(fixture);
    assert_spoken(fixture, &first, "en-US-JennyNeural: gate");
    assert_spoken(fixture, &joined, "en-US-JennyNeural: a");
    assert_false(exists(fixture, leader.path.text));
}

static void what_is_being_made_when_it_is_cancelled_gets_no_file(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct asked cancelled = ask(fixture, USER, NULL, "gate");
    await_at_gate(fixture, 1);
    cancel(fixture, &cancelled);
    open_gate(fixture);
    struct asked same = ask(fixture, USER, NULL, "gate"); /* the work was not for nothing */
    assert_spoken(fixture, &same, "en-US-JennyNeural: gate");
    assert_false(exists(fixture, cancelled.path.text));
    assert_int_equal(fixture->kitchen.made, 1);
}

static void what_is_made_goes_but_stays_in_the_cache(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct asked cancelled = ask(fixture, USER, NULL, "a"), kept = ask(fixture, USER, NULL, "a");
    assert_spoken(fixture, &cancelled, "en-US-JennyNeural: a");
    assert_spoken(fixture, &kept, "en-US-JennyNeural: a");
    cancel(fixture, &cancelled);
    assert_content(fixture, &kept, "en-US-JennyNeural: a");
    struct asked again = ask(fixture, USER, NULL, "a");
    assert_spoken(fixture, &again, "en-US-JennyNeural: a");
    assert_int_equal(fixture->kitchen.made, 1);
}

static void what_is_cancelled_before_it_is_asked_for_is_not_made(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct asked early;
    uuid_make_timed(clock_wall_ms(), &early.id);
    assert_true(speech_path_make(USER, early.id.text, &early.path));
    cancel(fixture, &early);
    assert_int_equal(speech_begin(fixture->speech, USER, early.id.text, NULL, "a"), STATUS_OK);
    speech_stop(TAKE(fixture->speech));
    assert_int_equal(fixture->kitchen.made, 0);
    assert_false(exists(fixture, early.path.text));
}

static void what_waits_for_another_server_is_not_made_when_it_is_cancelled(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.remote_threads = 1;
    start(fixture);
    struct asked first = ask(fixture, USER, REMOTE_VOICE, "gate");
    await_at_gate(fixture, 1);
    struct asked cancelled = ask(fixture, USER, REMOTE_VOICE, "a");
    cancel(fixture, &cancelled);
    open_gate(fixture);
    assert_spoken(fixture, &first, "http:anna: gate");
    speech_stop(TAKE(fixture->speech));
    assert_int_equal(fixture->kitchen.made, 1);
}

static void what_can_be_no_speech_can_not_be_cancelled(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    assert_int_equal(speech_cancel(fixture->speech, USER, "../x"), STATUS_INVALID);
    assert_int_equal(speech_cancel(fixture->speech, "..", USER), STATUS_INVALID);
}

#define SPEECH_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    log_start("speech_test", LOG_LEVEL_ERROR);
    AUTO_BUFFER(problems, 1000);
    if (voices_configure("anna=ru", &problems) != STATUS_OK)
        return 1;
    const struct CMUnitTest tests[] = {
        SPEECH_TEST(a_text_becomes_a_file),
        SPEECH_TEST(the_voice_follows_the_script),
        SPEECH_TEST(what_can_be_no_speech_is_invalid),
        SPEECH_TEST(a_full_queue_refuses_at_once),
        SPEECH_TEST(a_speech_that_fails_wakes_who_waits),
        SPEECH_TEST(a_text_that_waited_too_long_is_given_up),
        SPEECH_TEST(the_stop_finishes_what_is_queued),
        SPEECH_TEST(a_full_disk_is_told_as_the_reason),
        SPEECH_TEST(what_was_made_before_comes_from_the_cache),
        SPEECH_TEST(without_a_cache_each_is_made),
        SPEECH_TEST(a_cache_that_has_become_too_large_is_swept_soon),
        SPEECH_TEST(what_is_asked_for_several_times_at_once_is_made_once),
        SPEECH_TEST(more_than_may_wait_for_one_are_refused),
        SPEECH_TEST(replicas_share_what_they_have_made),
        SPEECH_TEST(what_is_made_is_erased),
        SPEECH_TEST(what_is_being_made_does_not_come_back_after_the_erasing),
        SPEECH_TEST(a_user_has_so_many_texts_a_minute),
        SPEECH_TEST(another_servers_voice_speaks),
        SPEECH_TEST(without_a_server_a_local_voice_speaks),
        SPEECH_TEST(a_local_voice_speaks_while_the_server_fails_and_no_longer),
        SPEECH_TEST(what_no_voice_can_speak_does_not_go_on_to_a_local_one),
        SPEECH_TEST(a_slow_server_holds_up_no_local_speech),
        SPEECH_TEST(what_is_too_much_for_the_server_is_spoken_locally),
        SPEECH_TEST(what_has_waited_long_for_the_server_is_spoken_locally),
        SPEECH_TEST(what_waits_in_the_queue_is_not_made_when_it_is_cancelled),
        SPEECH_TEST(who_wants_the_same_as_somebody_who_cancelled_gets_it),
        SPEECH_TEST(what_is_being_made_when_it_is_cancelled_gets_no_file),
        SPEECH_TEST(what_is_made_goes_but_stays_in_the_cache),
        SPEECH_TEST(what_is_cancelled_before_it_is_asked_for_is_not_made),
        SPEECH_TEST(what_waits_for_another_server_is_not_made_when_it_is_cancelled),
        SPEECH_TEST(what_can_be_no_speech_can_not_be_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
