/* SPDX-License-Identifier: MIT */
/* The real ttb-voice of the same build. Its tests are skipped where it has not been built. */
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "services/media/domain/voices.h"
#include "services/media/voice/wire.h"
#include "services/media/workers/process.h"

#include <dirent.h>
#include <linux/landlock.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/worker_program.h"

static char program[PATH_MAX];

static int find_program(void **state)
{
    (void)state;
    worker_program_find("ttb-voice", program);
    return 0;
}

static struct worker_process start(const char *espeak_voice)
{
    if (access(program, X_OK) != 0)
        skip();
    struct worker_process process;
    assert_int_equal(worker_process_start(program, espeak_voice, clock_mono_ms() + 60000, &process),
                     STATUS_OK);
    return process;
}

static enum status speak(struct worker_process *process, const char *text, struct buffer *out)
{
    const struct voice_request head = {.speed_wpm = 165, .pitch = 50};
    const struct worker_request request = {
        .head = {&head, sizeof(head)},
        .body = {text, strlen(text)},
    };
    buffer_clear(out);
    return worker_process_ask(process, &request, VOICE_PCM_MAX, clock_mono_ms() + 60000, out);
}

static double seconds_of(struct worker_process *process, const char *text)
{
    AUTO_BUFFER(out, VOICE_PCM_MAX);
    assert_int_equal(speak(process, text, &out), STATUS_OK);
    return (double)out.size / sizeof(int16_t) / VOICE_RATE_HZ;
}

static void russian_and_english_become_samples_of_a_plausible_length(void **state)
{
    (void)state;
    struct worker_process russian = start("ru+f3");
    double seconds = seconds_of(&russian, "Привет, друзья! Как у вас дела сегодня вечером?");
    assert_true(seconds > 2 && seconds < 6);
    worker_process_end(&russian);

    struct worker_process english = start("en-us+m3");
    seconds = seconds_of(&english, "Hello, my friends! How are you doing this evening?");
    assert_true(seconds > 1.5 && seconds < 6);
    worker_process_end(&english);
}

static void every_voice_of_the_table_is_there(void **state)
{
    (void)state;
    size_t count;
    const struct voice *voices = voices_list(&count);
    for (size_t i = 0; i < count; i++) {
        if (!voices[i].espeak)
            continue;
        struct worker_process process = start(voices[i].espeak);
        assert_true(seconds_of(&process, voices[i].name) > 0.1);
        worker_process_end(&process);
    }
}

static void a_foreign_script_does_not_cost_the_worker_its_english(void **state)
{
    (void)state;
    if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) < 1)
        skip(); /* it does then, and is replaced after some texts */
    struct worker_process process = start("ru+f3");
    double before = seconds_of(&process, "hello everybody");
    assert_true(seconds_of(&process, "γειά σου") > 0.3);
    double after = seconds_of(&process, "hello everybody");
    assert_true(after > 0.7 * before && after < 1.3 * before);
    worker_process_end(&process);
}

static void a_text_without_sound_is_refused_and_the_worker_goes_on(void **state)
{
    (void)state;
    struct worker_process process = start("en-us+f3");
    AUTO_BUFFER(out, VOICE_PCM_MAX);
    static const char *const texts[] = {"...", "", "\xFF\xFE", "half\xD0"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        assert_int_equal(speak(&process, texts[i], &out), STATUS_INVALID);
        assert_int_equal(speak(&process, "hello", &out), STATUS_OK);
    }
    worker_process_end(&process);
}

static void a_request_without_a_whole_head_is_refused(void **state)
{
    (void)state;
    struct worker_process process = start("en-us");
    AUTO_BUFFER(out, VOICE_PCM_MAX);
    const struct worker_request request = {.body = {"abc", 3}};
    assert_int_equal(
        worker_process_ask(&process, &request, VOICE_PCM_MAX, clock_mono_ms() + 60000, &out),
        STATUS_INVALID);
    assert_int_equal(speak(&process, "hello", &out), STATUS_OK);
    worker_process_end(&process);
}

static void the_longest_text_is_spoken(void **state)
{
    (void)state;
    struct worker_process process = start("ru+f3");
    char text[VOICE_TEXT_MAX + 1];
    for (size_t i = 0; i < VOICE_TEXT_MAX; i += 2)
        memcpy(text + i, i % 14 == 0 ? ". " : "\xD1\x89", 2);
    text[VOICE_TEXT_MAX] = '\0';
    assert_true(seconds_of(&process, text) > VOICE_SECONDS_MAX - 5);
    worker_process_end(&process);
}

static void an_unknown_voice_is_unavailable(void **state)
{
    (void)state;
    if (access(program, X_OK) != 0)
        skip();
    struct worker_process process;
    assert_int_equal(worker_process_start(program, "xx-nowhere", clock_mono_ms() + 60000, &process),
                     STATUS_UNAVAILABLE);
}

/* Whether /proc/<pid>/task/<thread>/status has that line. */
static bool thread_has(pid_t pid, const char *thread, const char *line)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "/proc/%d/task/%s/status", pid, thread);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    bool found = false;
    char read[256];
    while (!found && fgets(read, sizeof(read), file))
        found = text_starts_with(read, line);
    fclose(file);
    return found;
}

static void every_thread_is_in_the_sandbox(void **state)
{
    (void)state;
    struct worker_process process = start("en-us");
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/task", process.pid);
    DIR *tasks = opendir(path);
    assert_non_null(tasks);
    unsigned threads = 0;
    for (struct dirent *entry = readdir(tasks); entry; entry = readdir(tasks)) {
        if (entry->d_name[0] == '.')
            continue;
        threads++;
        assert_true(thread_has(process.pid, entry->d_name, "Seccomp:\t2"));
        assert_true(thread_has(process.pid, entry->d_name, "NoNewPrivs:\t1"));
    }
    assert_true(threads > 0);
    closedir(tasks);
    worker_process_end(&process);
}

static void a_worker_ends_when_its_socket_closes(void **state)
{
    (void)state;
    struct worker_process process = start("en-us");
    assert_true(worker_process_is_alive(&process));
    close(process.fd);
    int result = -1;
    assert_int_equal(waitpid(process.pid, &result, 0), process.pid);
    assert_int_equal(result, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(russian_and_english_become_samples_of_a_plausible_length),
        cmocka_unit_test(every_voice_of_the_table_is_there),
        cmocka_unit_test(a_foreign_script_does_not_cost_the_worker_its_english),
        cmocka_unit_test(a_text_without_sound_is_refused_and_the_worker_goes_on),
        cmocka_unit_test(a_request_without_a_whole_head_is_refused),
        cmocka_unit_test(the_longest_text_is_spoken),
        cmocka_unit_test(an_unknown_voice_is_unavailable),
        cmocka_unit_test(every_thread_is_in_the_sandbox),
        cmocka_unit_test(a_worker_ends_when_its_socket_closes),
    };
    return cmocka_run_group_tests(tests, find_program, NULL);
}
