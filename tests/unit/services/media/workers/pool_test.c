/* SPDX-License-Identifier: MIT */
/* The pool's worker program is this test itself: started with an argument, it plays a worker of the
 * temper that the argument names. */
#include "services/media/workers/pool.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "services/media/workers/wire.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#define ANSWER_MAX 4096
#define LONG_MS 60000 /* a limit that no slow machine reaches */
#define REFUSE 1      /* a request's code: refuse it */

static void say(uint32_t result, const char *bytes, uint32_t claimed_bytes)
{
    struct worker_frame frame = {.code = result, .size = claimed_bytes};
    if (write(STDOUT_FILENO, &frame, sizeof(frame)) < 0 ||
        write(STDOUT_FILENO, bytes, strlen(bytes)) < 0)
        _exit(3);
}

static void hang(void)
{
    for (;;)
        pause();
}

/* Whether nobody else was at work at the path meanwhile. */
static bool is_alone(const char *path)
{
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
    if (fd < 0)
        return false;
    close(fd);
    clock_sleep_ms(2);
    return unlink(path) == 0;
}

static void serve(const char *temper, uint32_t code, const char *text)
{
    if (text_equal(temper, "crashing"))
        raise(SIGKILL);
    if (text_equal(temper, "hanging"))
        hang();
    if (text_equal(temper, "boasting"))
        say(WORKER_READY, "", ANSWER_MAX + 1);
    else if (text_equal(temper, "babbling"))
        say(WORKER_RESULT_COUNT, "", 0);
    else if (text_equal(temper, "refusing at length"))
        say(WORKER_REFUSED, "no", 2);
    else if (code == REFUSE || (*text == '/' && !is_alone(text)))
        say(WORKER_REFUSED, "", 0);
    else
        say(WORKER_READY, text, (uint32_t)strlen(text));
}

static int play_worker(const char *temper)
{
    if (text_equal(temper, "mute"))
        hang();
    say(text_equal(temper, "closed") ? WORKER_NO_OPEN : WORKER_READY, "", 0);

    struct worker_frame frame;
    char text[ANSWER_MAX + 1] = "";
    for (int requests = 0; read(STDIN_FILENO, &frame, sizeof(frame)) > 0; requests++) {
        if (frame.size > 0 && read(STDIN_FILENO, text, frame.size) < 0)
            return 1;
        text[frame.size] = '\0';
        if (text_equal(temper, "fragile") && requests == 1)
            raise(SIGKILL);
        if (text_equal(temper, "breaking off"))
            return write(STDOUT_FILENO, "\0\0\0\0\x09\0\0\0half", 12) < 0;
        serve(temper, frame.code, text);
        if (text_equal(temper, "retiring"))
            return 0;
    }
    return 0;
}

struct fixture {
    struct metrics *metrics;
    struct worker_pool *pool;
};

static int64_t count(struct fixture *fixture, const char *name)
{
    return metric_value(metrics_counter(fixture->metrics, name, "", "pool=\"test\""));
}

static int64_t starts(struct fixture *fixture)
{
    return count(fixture, "ttb_worker_starts_total");
}

static void open_limited_pool(struct fixture *fixture, unsigned workers, unsigned time_limit_ms,
                              unsigned start_limit_ms)
{
    struct worker_pool_options options = {
        .program = "/proc/self/exe",
        .name = "test",
        .workers = workers,
        .time_limit_ms = time_limit_ms,
        .start_limit_ms = start_limit_ms,
        .answer_max = ANSWER_MAX,
        .metrics = fixture->metrics,
    };
    fixture->pool = worker_pool_new(&options);
}

static void open_pool(struct fixture *fixture, unsigned workers)
{
    open_limited_pool(fixture, workers, LONG_MS, LONG_MS);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.metrics = metrics_new()};
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    worker_pool_free(fixture->pool);
    metrics_free(fixture->metrics);
    return 0;
}

static struct worker_task task_of(const char *temper, const char *text)
{
    return (struct worker_task){
        .argument = temper,
        .body = {text, strlen(text)},
        .deadline_ms = clock_mono_ms() + LONG_MS,
    };
}

static enum status ask(struct worker_pool *pool, const char *temper, const char *text,
                       struct buffer *out)
{
    const struct worker_task task = task_of(temper, text);
    return worker_pool_run(pool, &task, out);
}

static void ask_all(struct fixture *fixture, const char *const tempers[], size_t tempers_count)
{
    AUTO_BUFFER(out, ANSWER_MAX);
    for (size_t i = 0; i < tempers_count; i++)
        assert_int_equal(ask(fixture->pool, tempers[i], "x", &out), STATUS_OK);
}

static void a_worker_is_kept_for_the_next_request(void **state)
{
    struct fixture *fixture = *state;
    open_pool(fixture, 2);
    AUTO_BUFFER(out, ANSWER_MAX);
    assert_int_equal(ask(fixture->pool, "steady", "привет", &out), STATUS_OK);
    assert_string_equal(buffer_text(&out), "привет");
    assert_int_equal(ask(fixture->pool, "steady", "hello", &out), STATUS_OK);
    assert_string_equal(buffer_text(&out), "hello");
    assert_int_equal(starts(fixture), 1);
}

static void head_and_body_arrive_as_one(void **state)
{
    struct fixture *fixture = *state;
    open_pool(fixture, 1);
    AUTO_BUFFER(out, ANSWER_MAX);
    struct worker_task task = task_of("steady", "body");
    task.head = (struct slice){"head and ", 9};
    assert_int_equal(worker_pool_run(fixture->pool, &task, &out), STATUS_OK);
    assert_string_equal(buffer_text(&out), "head and body");
    task.body = (struct slice){0};
    assert_int_equal(worker_pool_run(fixture->pool, &task, &out), STATUS_OK);
    assert_string_equal(buffer_text(&out), "head and ");
}

static void arguments_that_take_turns_keep_their_workers(void **state)
{
    struct fixture *fixture = *state;
    open_pool(fixture, 1);
    static const char *const order[] = {"a", "b", "c", "d", "a", "b", "c", "d", "d", "a"};
    ask_all(fixture, order, ARRAY_LEN(order));
    assert_int_equal(starts(fixture), WORKERS_KEPT_MAX(1));
}

static void the_worker_idle_longest_makes_room_for_another_argument(void **state)
{
    struct fixture *fixture = *state;
    open_pool(fixture, 1);
    static const char *const taken[] = {"a", "b", "c", "d", "a", "e"};
    ask_all(fixture, taken, ARRAY_LEN(taken));
    assert_int_equal(starts(fixture), 5);
    static const char *const kept[] = {"a", "c", "d", "e"};
    ask_all(fixture, kept, ARRAY_LEN(kept));
    assert_int_equal(starts(fixture), 5);
    static const char *const gone[] = {"b"};
    ask_all(fixture, gone, ARRAY_LEN(gone));
    assert_int_equal(starts(fixture), 6);
}

static void a_refused_request_is_invalid_and_harms_no_worker(void **state)
{
    struct fixture *fixture = *state;
    open_pool(fixture, 1);
    AUTO_BUFFER(out, ANSWER_MAX);
    struct worker_task task = task_of("steady", "x");
    task.code = REFUSE;
    assert_int_equal(worker_pool_run(fixture->pool, &task, &out), STATUS_INVALID);
    assert_int_equal(ask(fixture->pool, "steady", "x", &out), STATUS_OK);
    assert_int_equal(starts(fixture), 1);
    assert_int_equal(count(fixture, "ttb_worker_failures_total"), 0);
}

static void a_request_goes_to_a_fresh_worker_when_the_first_dies(void **state)
{
    struct fixture *fixture = *state;
    open_pool(fixture, 1);
    AUTO_BUFFER(out, ANSWER_MAX);
    assert_int_equal(ask(fixture->pool, "fragile", "one", &out), STATUS_OK);
    assert_int_equal(ask(fixture->pool, "fragile", "two", &out), STATUS_OK);
    assert_string_equal(buffer_text(&out), "two");
    assert_int_equal(starts(fixture), 2);
    assert_int_equal(count(fixture, "ttb_worker_crashes_total"), 1);
}

/* As one without Landlock does after some requests. */
static void a_worker_that_ended_while_idle_is_replaced(void **state)
{
    struct fixture *fixture = *state;
    open_pool(fixture, 1);
    AUTO_BUFFER(out, ANSWER_MAX);
    for (int i = 0; i < 3; i++)
        assert_int_equal(ask(fixture->pool, "retiring", "x", &out), STATUS_OK);
    assert_int_equal(count(fixture, "ttb_worker_failures_total"), 0);
    assert_true(starts(fixture) > 1);
}

static void a_request_that_kills_two_workers_is_given_up(void **state)
{
    struct fixture *fixture = *state;
    open_pool(fixture, 1);
    AUTO_BUFFER(out, ANSWER_MAX);
    assert_int_equal(ask(fixture->pool, "crashing", "x", &out), STATUS_INTERNAL);
    assert_int_equal(starts(fixture), 2);
    assert_int_equal(count(fixture, "ttb_worker_failures_total"), 1);
    assert_int_equal(ask(fixture->pool, "steady", "x", &out), STATUS_OK);
}

static void a_hanging_worker_is_killed_at_the_time_limit(void **state)
{
    struct fixture *fixture = *state;
    open_limited_pool(fixture, 1, 100, LONG_MS);
    AUTO_BUFFER(out, ANSWER_MAX);
    assert_int_equal(ask(fixture->pool, "hanging", "x", &out), STATUS_INTERNAL);
    assert_int_equal(count(fixture, "ttb_worker_timeouts_total"), 2);
}

static void claims_of_a_worker_are_not_believed(void **state)
{
    struct fixture *fixture = *state;
    open_pool(fixture, 1);
    AUTO_BUFFER(out, ANSWER_MAX);
    static const char *const liars[] = {"boasting", "breaking off", "babbling",
                                        "refusing at length"};
    for (size_t i = 0; i < ARRAY_LEN(liars); i++) {
        assert_int_equal(ask(fixture->pool, liars[i], "x", &out), STATUS_INTERNAL);
        assert_int_equal(out.size, 0);
    }
    assert_int_equal(count(fixture, "ttb_worker_crashes_total"), 2 * ARRAY_LEN(liars));
}

static void a_worker_that_does_not_start_is_unavailable(void **state)
{
    struct fixture *fixture = *state;
    open_limited_pool(fixture, 1, LONG_MS, 100);
    AUTO_BUFFER(out, ANSWER_MAX);
    assert_int_equal(ask(fixture->pool, "closed", "x", &out), STATUS_UNAVAILABLE);
    assert_int_equal(ask(fixture->pool, "mute", "x", &out), STATUS_UNAVAILABLE);
}

static void a_missing_program_is_unavailable(void **state)
{
    (void)state;
    AUTO_BUFFER(out, ANSWER_MAX);
    static const char *const programs[] = {"/nonexistent/ttb-voice", "not-beside-this-test"};
    for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
        struct worker_pool_options options = {.program = programs[i],
                                              .name = "test",
                                              .workers = 1,
                                              .time_limit_ms = LONG_MS,
                                              .start_limit_ms = LONG_MS,
                                              .answer_max = ANSWER_MAX};
        AUTO(worker_pool_free) struct worker_pool *pool = worker_pool_new(&options);
        assert_int_equal(ask(pool, "steady", "x", &out), STATUS_UNAVAILABLE);
    }
}

static void nothing_begins_past_the_deadline(void **state)
{
    struct fixture *fixture = *state;
    open_pool(fixture, 1);
    AUTO_BUFFER(out, ANSWER_MAX);
    struct worker_task task = task_of("steady", "x");
    task.deadline_ms = clock_mono_ms() - 1;
    assert_int_equal(worker_pool_run(fixture->pool, &task, &out), STATUS_TIMEOUT);
    assert_int_equal(starts(fixture), 0);
}

#define THREADS 6
#define ROUNDS 60

static void *ask_many(void *pool)
{
    AUTO_BUFFER(out, ANSWER_MAX);
    static const char *const tempers[] = {"a", "b", "c"};
    size_t wrong = 0;
    for (int i = 0; i < ROUNDS; i++) {
        char text[64];
        snprintf(text, sizeof(text), "text %d of %lx", i, (unsigned long)pthread_self());
        enum status status = ask(pool, tempers[i % 3], text, &out);
        wrong += status != STATUS_OK || !text_equal(buffer_text(&out), text);
    }
    return (void *)wrong;
}

/* Returns how often it went wrong in all of THREADS threads. */
static size_t in_threads(struct fixture *fixture, void *(*run)(void *))
{
    pthread_t threads[THREADS];
    size_t wrong = 0;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run, fixture->pool), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        wrong += (size_t)result;
    }
    return wrong;
}

/* The threads end while the workers that they started are still used: the test's workers, unlike
 * real ones (child/serve.c), don't mind. */
static void many_threads_get_each_their_own_answer(void **state)
{
    struct fixture *fixture = *state;
    open_pool(fixture, 3);
    assert_int_equal(in_threads(fixture, ask_many), 0);
    assert_int_equal(count(fixture, "ttb_worker_requests_total"), THREADS * ROUNDS);
    assert_true(starts(fixture) <= WORKERS_KEPT_MAX(3));
}

static char lonely_path[64];

static void *ask_alone(void *pool)
{
    AUTO_BUFFER(out, ANSWER_MAX);
    static const char *const tempers[] = {"a", "b", "c"};
    size_t wrong = 0;
    for (int i = 0; i < 20; i++)
        wrong += ask(pool, tempers[i % 3], lonely_path, &out) != STATUS_OK;
    return (void *)wrong;
}

static void no_more_are_at_work_at_the_same_time_than_may(void **state)
{
    struct fixture *fixture = *state;
    open_pool(fixture, 1);
    snprintf(lonely_path, sizeof(lonely_path), "/tmp/pool_test.%d", getpid());
    assert_int_equal(in_threads(fixture, ask_alone), 0);
    assert_int_equal(starts(fixture), 3);
}

#define POOL_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(int argc, char **argv)
{
    if (argc > 1)
        return play_worker(argv[1]);
    log_start("pool_test", LOG_LEVEL_ERROR);
    const struct CMUnitTest tests[] = {
        POOL_TEST(a_worker_is_kept_for_the_next_request),
        POOL_TEST(head_and_body_arrive_as_one),
        POOL_TEST(arguments_that_take_turns_keep_their_workers),
        POOL_TEST(the_worker_idle_longest_makes_room_for_another_argument),
        POOL_TEST(a_refused_request_is_invalid_and_harms_no_worker),
        POOL_TEST(a_request_goes_to_a_fresh_worker_when_the_first_dies),
        POOL_TEST(a_worker_that_ended_while_idle_is_replaced),
        POOL_TEST(a_request_that_kills_two_workers_is_given_up),
        POOL_TEST(a_hanging_worker_is_killed_at_the_time_limit),
        POOL_TEST(claims_of_a_worker_are_not_believed),
        POOL_TEST(a_worker_that_does_not_start_is_unavailable),
        POOL_TEST(a_missing_program_is_unavailable),
        POOL_TEST(nothing_begins_past_the_deadline),
        POOL_TEST(many_threads_get_each_their_own_answer),
        POOL_TEST(no_more_are_at_work_at_the_same_time_than_may),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
