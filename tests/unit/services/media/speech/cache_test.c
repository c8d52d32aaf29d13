/* SPDX-License-Identifier: MIT */
#include "services/media/speech/cache.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "services/media/speech/store.h"
#include "tests/support/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define USER "11111111-2222-4333-8444-555555555555"
#define UNTIMED_ID "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
#define LINKS_MAX 70000 /* more than any of the usual file systems that have a limit */
#define PROCESSES 4
#define ROUNDS 300
#define PHRASES 8

struct fixture {
    char folder[32];
    char elsewhere[32];
    int root;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.folder = "/tmp/cache_test.XXXXXX"};
    if (!mkdtemp(fixture.folder))
        return -1;
    fixture.root = speech_store_open(fixture.folder);
    *state = &fixture;
    return fixture.root < 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    close(fixture->root);
    if (*fixture->elsewhere)
        folder_remove(fixture->elsewhere);
    return folder_remove(fixture->folder);
}

/* ---- keys ---- */

static struct speech_key key_of(const char *text)
{
    struct speech_key key;
    speech_key_make(voices_get(NULL), NULL, text, &key);
    return key;
}

static bool same_key(const struct voice *a, const char *server_a, const struct voice *b,
                     const char *server_b)
{
    struct speech_key key_a, key_b;
    speech_key_make(a, server_a, "text", &key_a);
    speech_key_make(b, server_b, "text", &key_b);
    return text_equal(key_a.hex, key_b.hex);
}

static void a_key_is_the_digest_of_what_is_heard(void **state)
{
    (void)state;
    struct speech_key key = key_of("Привет");
    assert_int_equal(strlen(key.hex), 64);
    assert_int_equal(strspn(key.hex, "0123456789abcdef"), 64);
    assert_string_equal(key_of("Привет").hex, key.hex);
    assert_string_not_equal(key_of("Привет!").hex, key.hex);
}

static void whatever_sounds_different_has_another_key(void **state)
{
    (void)state;
    const struct voice voice = {.id = "a",
                                .lang = "ru",
                                .engine = "local",
                                .espeak = "ru+f3",
                                .speed_wpm = 160,
                                .pitch = 50};
    struct voice others[] = {voice, voice, voice, voice, voice};
    others[0].espeak = "ru+f2";
    others[1].speed_wpm = 16;
    others[2].pitch = 5;
    others[3].sex = VOICE_MALE;
    others[4].lang = "uk";
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_false(same_key(&voice, NULL, &others[i], NULL));
    struct voice same = voice;
    same.id = same.name = "b";
    assert_true(same_key(&voice, NULL, &same, NULL));
}

static void another_servers_voices_are_told_apart_by_name_and_server(void **state)
{
    (void)state;
    const struct voice anna = {.engine = "http", .remote = "anna"};
    const struct voice boris = {.engine = "http", .remote = "boris"};
    assert_true(same_key(&anna, "https://a.example", &anna, "https://a.example"));
    assert_false(same_key(&anna, "https://a.example", &anna, "https://b.example"));
    assert_false(same_key(&anna, "https://a.example", &boris, "https://a.example"));
}

/* ---- put and take ---- */

static struct speech_path fresh_path(const char *user_id)
{
    struct uuid id;
    struct speech_path path;
    uuid_make_timed(clock_wall_ms(), &id);
    assert_true(speech_path_make(user_id, id.text, &path));
    return path;
}

static void put(const struct fixture *fixture, const struct speech_key *key, const char *audio)
{
    struct slice slice = {audio, strlen(audio)};
    assert_int_equal(speech_cache_put(fixture->root, key, slice), STATUS_OK);
}

static void name_entry(const struct speech_key *key, char name[static 128])
{
    snprintf(name, 128, "tts/.cache/%.2s/%s.mp3", key->hex, key->hex + 2);
}

static struct stat stat_of(const struct fixture *fixture, const char *path)
{
    struct stat info;
    assert_int_equal(fstatat(fixture->root, path, &info, 0), 0);
    return info;
}

static struct stat stat_of_entry(const struct fixture *fixture, const struct speech_key *key)
{
    char name[128];
    name_entry(key, name);
    return stat_of(fixture, name);
}

static bool exists(const struct fixture *fixture, const char *path)
{
    return faccessat(fixture->root, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void set_times(const struct fixture *fixture, const struct speech_key *key, int64_t used_s,
                      int64_t made_s)
{
    char name[128];
    name_entry(key, name);
    struct timespec times[2] = {{.tv_sec = used_s}, {.tv_sec = made_s}};
    assert_int_equal(utimensat(fixture->root, name, times, 0), 0);
}

static void assert_content(const struct fixture *fixture, const char *path, const char *expected)
{
    char content[64] = "";
    int fd = openat(fixture->root, path, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(read(fd, content, sizeof(content) - 1), strlen(expected));
    close(fd);
    assert_string_equal(content, expected);
}

static void what_was_never_made_is_not_there(void **state)
{
    struct fixture *fixture = *state;
    struct speech_key key = key_of("x");
    struct speech_path path = fresh_path(USER);
    assert_false(speech_cache_has(fixture->root, &key));
    assert_false(speech_cache_take(fixture->root, &key, &path));
    assert_false(exists(fixture, path.text));
}

static void what_is_taken_is_the_same_file(void **state)
{
    struct fixture *fixture = *state;
    struct speech_key key = key_of("x");
    put(fixture, &key, "audio");
    assert_true(speech_cache_has(fixture->root, &key));
    struct speech_path mine = fresh_path(USER), nobodys = fresh_path(NULL);
    assert_true(speech_cache_take(fixture->root, &key, &mine));
    assert_true(speech_cache_take(fixture->root, &key, &nobodys));
    assert_content(fixture, mine.text, "audio");
    ino_t entry = stat_of_entry(fixture, &key).st_ino;
    assert_int_equal(stat_of(fixture, mine.text).st_ino, entry);
    assert_int_equal(stat_of(fixture, nobodys.text).st_ino, entry);
}

static void taking_marks_as_used_and_not_as_made(void **state)
{
    struct fixture *fixture = *state;
    struct speech_key key = key_of("x");
    put(fixture, &key, "audio");
    set_times(fixture, &key, 1000, 2000);
    struct speech_path path = fresh_path(USER);
    int64_t before_s = clock_wall_ms() / 1000;
    assert_true(speech_cache_take(fixture->root, &key, &path));
    struct stat info = stat_of_entry(fixture, &key);
    assert_true(info.st_atim.tv_sec >= before_s);
    assert_int_equal(info.st_mtim.tv_sec, 2000);
}

/* ---- where a link is refused ---- */

static void a_name_that_tells_no_time_gets_a_file_of_its_own_age(void **state)
{
    struct fixture *fixture = *state;
    struct speech_key key = key_of("x");
    put(fixture, &key, "audio");
    set_times(fixture, &key, 1000, 1000);
    struct speech_path path;
    assert_true(speech_path_make(USER, UNTIMED_ID, &path));
    assert_true(speech_cache_take(fixture->root, &key, &path));
    assert_content(fixture, path.text, "audio");
    assert_int_equal(speech_store_sweep(fixture->root, clock_wall_ms() - 60000), 0);
    assert_true(exists(fixture, path.text));
}

static void a_cache_on_another_disk_gives_copies(void **state)
{
    struct fixture *fixture = *state;
    snprintf(fixture->elsewhere, sizeof(fixture->elsewhere), "/dev/shm/cache_test.XXXXXX");
    struct stat info;
    if (!mkdtemp(fixture->elsewhere) || stat(fixture->elsewhere, &info) != 0 ||
        info.st_dev == stat_of(fixture, "tts").st_dev)
        skip();
    assert_int_equal(symlinkat(fixture->elsewhere, fixture->root, "tts/.cache"), 0);
    struct speech_key key = key_of("x");
    put(fixture, &key, "audio");
    struct speech_path path = fresh_path(USER);
    assert_true(speech_cache_take(fixture->root, &key, &path));
    assert_content(fixture, path.text, "audio");
    assert_int_equal(stat_of(fixture, path.text).st_nlink, 1);
}

/* Gives the entry as many names as the disk allows; false when there is no limit. */
static bool use_up_links(const struct fixture *fixture, const struct speech_key *key)
{
    char entry[128], name[64];
    name_entry(key, entry);
    assert_int_equal(mkdirat(fixture->root, "links", 0755), 0);
    for (unsigned i = 0; i < LINKS_MAX; i++) {
        snprintf(name, sizeof(name), "links/%u", i);
        if (linkat(fixture->root, entry, fixture->root, name, 0) == 0)
            continue;
        assert_int_equal(errno, EMLINK);
        return true;
    }
    return false;
}

static void a_file_that_can_have_no_more_names_is_replaced_by_its_copy(void **state)
{
    struct fixture *fixture = *state;
    struct speech_key key = key_of("x");
    put(fixture, &key, "audio");
    if (!use_up_links(fixture, &key))
        skip();
    struct speech_path first = fresh_path(USER), second = fresh_path(USER);
    assert_true(speech_cache_take(fixture->root, &key, &first));
    assert_content(fixture, first.text, "audio");
    assert_true(speech_cache_take(fixture->root, &key, &second));
    assert_int_equal(stat_of(fixture, second.text).st_ino, stat_of(fixture, first.text).st_ino);
    assert_int_equal(stat_of_entry(fixture, &key).st_nlink, 3);
}

/* ---- the sweep ---- */

static struct speech_cache_state sweep(const struct fixture *fixture, int64_t before_s,
                                       uint64_t bytes_max)
{
    struct speech_cache_state swept;
    speech_cache_sweep(fixture->root, before_s, bytes_max, &swept);
    return swept;
}

static void an_empty_cache_is_swept(void **state)
{
    struct speech_cache_state swept = sweep(*state, 0, 0);
    assert_int_equal(swept.bytes + swept.files + swept.evicted + swept.expired, 0);
}

static void what_was_made_long_ago_expires_however_often_it_is_used(void **state)
{
    struct fixture *fixture = *state;
    struct speech_key old = key_of("old"), young = key_of("young");
    int64_t now_s = clock_wall_ms() / 1000;
    put(fixture, &old, "12345");
    put(fixture, &young, "123");
    set_times(fixture, &old, now_s, now_s - 100);
    set_times(fixture, &young, now_s - 90, now_s - 90);
    struct speech_cache_state swept = sweep(fixture, now_s - 95, UINT64_MAX);
    assert_int_equal(swept.expired, 1);
    assert_int_equal(swept.evicted, 0);
    assert_int_equal(swept.files, 1);
    assert_int_equal(swept.bytes, 3);
    assert_false(speech_cache_has(fixture->root, &old));
    assert_true(speech_cache_has(fixture->root, &young));
}

/* A hundred files of 100 bytes each, the n-th of them unused for n hours. */
static void fill(const struct fixture *fixture, struct speech_key keys[static 100])
{
    char audio[101], text[16];
    int64_t now_s = clock_wall_ms() / 1000;
    snprintf(audio, sizeof(audio), "%0100d", 0);
    for (int i = 0; i < 100; i++) {
        snprintf(text, sizeof(text), "%d", i);
        keys[i] = key_of(text);
        put(fixture, &keys[i], audio);
        set_times(fixture, &keys[i], now_s - 3600 * i, now_s);
    }
}

static void what_was_not_used_for_longest_makes_room(void **state)
{
    struct fixture *fixture = *state;
    struct speech_key keys[100];
    fill(fixture, keys);
    assert_int_equal(sweep(fixture, 0, 10000).evicted, 0);
    struct speech_cache_state swept = sweep(fixture, 0, 6400);
    assert_int_equal(swept.bytes, 6000); /* a sixteenth below */
    assert_int_equal(swept.files, 60);
    assert_int_equal(swept.evicted, 40);
    for (int i = 0; i < 50; i++) /* the next ten or so are of one age with those that went */
        assert_true(speech_cache_has(fixture->root, &keys[i]));
    for (int i = 70; i < 100; i++)
        assert_false(speech_cache_has(fixture->root, &keys[i]));
    assert_int_equal(sweep(fixture, 0, 6400).evicted, 0);
}

static void what_was_used_just_now_stays(void **state)
{
    struct fixture *fixture = *state;
    struct speech_key keys[100];
    fill(fixture, keys);
    struct speech_path path = fresh_path(USER);
    assert_true(speech_cache_take(fixture->root, &keys[99], &path));
    sweep(fixture, 0, 1000);
    assert_true(speech_cache_has(fixture->root, &keys[99]));
    assert_false(speech_cache_has(fixture->root, &keys[98]));
}

static void a_limit_of_0_removes_all_and_no_speech(void **state)
{
    struct fixture *fixture = *state;
    struct speech_key keys[100];
    fill(fixture, keys);
    struct speech_path path = fresh_path(USER);
    assert_true(speech_cache_take(fixture->root, &keys[5], &path));
    struct speech_cache_state swept = sweep(fixture, 0, 0);
    assert_int_equal(swept.files, 0);
    assert_int_equal(swept.evicted, 100);
    assert_int_equal(stat_of(fixture, path.text).st_size, 100);
}

static void the_sweep_removes_interrupted_writing_and_nothing_else(void **state)
{
    struct fixture *fixture = *state;
    struct speech_key key = key_of("x");
    put(fixture, &key, "audio");
    static const char *const names[] = {".01234567.x.mp3", "README"};
    struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    char path[128];
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        snprintf(path, sizeof(path), "tts/.cache/%.2s/%s", key.hex, names[i]);
        close(openat(fixture->root, path, O_WRONLY | O_CREAT, 0644));
        assert_int_equal(utimensat(fixture->root, path, old, 0), 0);
    }
    assert_int_equal(sweep(fixture, 500, UINT64_MAX).files, 1);
    assert_true(exists(fixture, path));
    snprintf(path, sizeof(path), "tts/.cache/%.2s/%s", key.hex, names[0]);
    assert_false(exists(fixture, path));
}

/* ---- several processes ---- */

/* Or swept by another already. */
static bool is_whole(int root, const struct speech_path *path, unsigned phrase)
{
    char content[4097] = "";
    int fd = openat(root, path->text, O_RDONLY);
    if (fd < 0)
        return errno == ENOENT;
    ssize_t got = read(fd, content, sizeof(content));
    close(fd);
    return got == 4096 && content[0] == (char)('a' + phrase) && content[4095] == content[0];
}

static bool use(int root, unsigned number)
{
    char text[2] = {(char)('a' + number % PHRASES), '\0'};
    char audio[4096];
    memset(audio, text[0], sizeof(audio));
    struct speech_key key = key_of(text);
    struct speech_path path = fresh_path(USER);
    if (!speech_cache_take(root, &key, &path) &&
        speech_cache_put(root, &key, (struct slice){audio, sizeof(audio)}) != STATUS_OK)
        return false;
    return !speech_cache_take(root, &key, &path) || is_whole(root, &path, number % PHRASES);
}

/* Has its own descriptor of the folder, as another replica has. */
static int play_replica(const struct fixture *fixture, unsigned number)
{
    int root = speech_store_open(fixture->folder);
    struct speech_cache_state swept;
    for (unsigned i = 0; i < ROUNDS; i++) {
        if (!use(root, i * (number + 1)))
            return 1;
        speech_store_sweep(root, clock_wall_ms() - (i % 2 ? 1000 : 0));
        if (i % 10 == number)
            speech_cache_sweep(root, 0, 3 * 4096, &swept);
    }
    return 0;
}

static void replicas_share_one_folder(void **state)
{
    struct fixture *fixture = *state;
    pid_t replicas[PROCESSES];
    for (unsigned i = 0; i < PROCESSES; i++) {
        replicas[i] = fork();
        if (replicas[i] == 0)
            _exit(play_replica(fixture, i));
    }
    for (unsigned i = 0; i < PROCESSES; i++) {
        int status = -1;
        assert_int_equal(waitpid(replicas[i], &status, 0), replicas[i]);
        assert_int_equal(status, 0);
    }
}

#define CACHE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_the_digest_of_what_is_heard),
        cmocka_unit_test(whatever_sounds_different_has_another_key),
        cmocka_unit_test(another_servers_voices_are_told_apart_by_name_and_server),
        CACHE_TEST(what_was_never_made_is_not_there),
        CACHE_TEST(what_is_taken_is_the_same_file),
        CACHE_TEST(taking_marks_as_used_and_not_as_made),
        CACHE_TEST(a_name_that_tells_no_time_gets_a_file_of_its_own_age),
        CACHE_TEST(a_cache_on_another_disk_gives_copies),
        CACHE_TEST(a_file_that_can_have_no_more_names_is_replaced_by_its_copy),
        CACHE_TEST(an_empty_cache_is_swept),
        CACHE_TEST(what_was_made_long_ago_expires_however_often_it_is_used),
        CACHE_TEST(what_was_not_used_for_longest_makes_room),
        CACHE_TEST(what_was_used_just_now_stays),
        CACHE_TEST(a_limit_of_0_removes_all_and_no_speech),
        CACHE_TEST(the_sweep_removes_interrupted_writing_and_nothing_else),
        CACHE_TEST(replicas_share_one_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
