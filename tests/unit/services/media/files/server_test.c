/* SPDX-License-Identifier: MIT */
#include "services/media/files/server.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "services/media/speech/store.h"
#include "tests/support/folder.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define USER "11111111-2222-4333-8444-555555555555"
#define ID "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
#define PATH "tts/" USER "/" ID ".mp3"
#define LONG_MS 600000

struct fixture {
    char folder[32];
    int root;
    struct metrics *metrics;
    struct pending *pending;
    struct file_server *server;
    char reply[4096];
};

static int open_server(void **state, unsigned wait_ms)
{
    static struct fixture fixture;
    fixture = (struct fixture){.folder = "/tmp/server_test.XXXXXX", .metrics = metrics_new()};
    *state = &fixture;
    if (!mkdtemp(fixture.folder))
        return -1;
    fixture.root = speech_store_open(fixture.folder);
    struct pending_options waits = {.root = fixture.root,
                                    .speeches_max = 4,
                                    .waiters_max = 4,
                                    .strangers_max = 4,
                                    .wait_ms = wait_ms,
                                    .metrics = fixture.metrics};
    fixture.pending = pending_new(&waits);
    struct file_server_options options = {.host = "127.0.0.1",
                                          .threads = 2,
                                          .root = fixture.root,
                                          .pending = fixture.pending,
                                          .connections_max = 64,
                                          .metrics = fixture.metrics};
    return fixture.root < 0 || file_server_start(&options, &fixture.server) != STATUS_OK;
}

static int set_up(void **state)
{
    return open_server(state, LONG_MS);
}

static int set_up_without_patience(void **state)
{
    return open_server(state, 1);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    pending_stop(fixture->pending);
    file_server_stop(fixture->server);
    pending_free(fixture->pending);
    metrics_free(fixture->metrics);
    close(fixture->root);
    return folder_remove(fixture->folder);
}

static void store_at(const struct fixture *fixture, const struct speech_path *path,
                     const char *content)
{
    struct slice audio = {content, strlen(content)};
    assert_int_equal(speech_store_put(fixture->root, path, audio), STATUS_OK);
}

static void store(const struct fixture *fixture, const char *content)
{
    struct speech_path path;
    assert_true(speech_path_make(USER, ID, &path));
    store_at(fixture, &path, content);
}

/* Of speech that is asked for right now. */
static struct speech_path fresh_path(void)
{
    struct uuid id;
    struct speech_path path;
    uuid_make_timed(clock_wall_ms(), &id);
    assert_true(speech_path_make(USER, id.text, &path));
    return path;
}

/* Sends a request of one line and some headers. Returns the connection. */
static int send_request(const struct fixture *fixture, const char *line, const char *headers)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)file_server_port(fixture->server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    char text[1024];
    int size = snprintf(text, sizeof(text), "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n",
                        line, headers);
    assert_int_equal(send(fd, text, (size_t)size, MSG_NOSIGNAL), size);
    return fd;
}

static int send_get(const struct fixture *fixture, const struct speech_path *path)
{
    char line[256];
    snprintf(line, sizeof(line), "GET /static/%s", path->text);
    return send_request(fixture, line, "");
}

/* The whole reply, in fixture->reply. */
static const char *receive_reply(struct fixture *fixture, int fd)
{
    size_t size = 0;
    ssize_t got;
    while ((got = recv(fd, fixture->reply + size, sizeof(fixture->reply) - 1 - size, 0)) > 0)
        size += (size_t)got;
    fixture->reply[size] = '\0';
    close(fd);
    return fixture->reply;
}

static const char *ask(struct fixture *fixture, const char *line, const char *headers)
{
    return receive_reply(fixture, send_request(fixture, line, headers));
}

static const char *body_of(const char *reply)
{
    const char *end = strstr(reply, "\r\n\r\n");
    return end ? end + 4 : "(no end of headers)";
}

#define assert_status(reply, code) assert_true(text_starts_with((reply), "HTTP/1.1 " code " "))
#define assert_has(reply, line) assert_non_null(strcasestr((reply), "\r\n" line "\r\n"))

/* What every reply carries. */
static void assert_common_headers(const char *reply)
{
    assert_has(reply, "Access-Control-Allow-Origin: *");
    assert_has(reply, "Access-Control-Expose-Headers: "
                      "Accept-Ranges, Content-Length, Content-Range, ETag");
    assert_has(reply, "X-Content-Type-Options: nosniff");
    assert_has(reply, "X-Frame-Options: DENY");
    assert_has(reply, "Referrer-Policy: no-referrer");
}

static void a_file_is_served_with_its_headers(void **state)
{
    struct fixture *fixture = *state;
    store(fixture, "0123456789");
    const char *reply = ask(fixture, "GET /static/" PATH, "");
    assert_status(reply, "200");
    assert_has(reply, "Content-Type: audio/mpeg");
    assert_has(reply, "Content-Length: 10");
    assert_has(reply, "Accept-Ranges: bytes");
    assert_has(reply, "Cache-Control: public, max-age=2592000");
    assert_common_headers(reply);
    assert_non_null(strcasestr(reply, "\r\nETag: \""));
    assert_string_equal(body_of(reply), "0123456789");
}

static void head_has_the_headers_without_the_body(void **state)
{
    struct fixture *fixture = *state;
    store(fixture, "0123456789");
    const char *reply = ask(fixture, "HEAD /static/" PATH, "Range: bytes=0-1\r\n");
    assert_status(reply, "200");
    assert_has(reply, "Content-Length: 10");
    assert_string_equal(body_of(reply), "");
}

static void an_empty_file_is_served(void **state)
{
    struct fixture *fixture = *state;
    store(fixture, "");
    const char *reply = ask(fixture, "GET /static/" PATH, "");
    assert_status(reply, "200");
    assert_has(reply, "Content-Length: 0");
}

static void ranges_are_served_as_parts(void **state)
{
    struct fixture *fixture = *state;
    store(fixture, "0123456789");
    static const struct {
        const char *header, *body, *content_range;
    } cases[] = {
        {"Range: bytes=2-4\r\n", "234", "Content-Range: bytes 2-4/10"},
        {"Range: bytes=7-\r\n", "789", "Content-Range: bytes 7-9/10"},
        {"Range: bytes=-2\r\n", "89", "Content-Range: bytes 8-9/10"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *reply = ask(fixture, "GET /static/" PATH, cases[i].header);
        assert_status(reply, "206");
        assert_common_headers(reply);
        assert_non_null(strcasestr(reply, cases[i].content_range));
        assert_string_equal(body_of(reply), cases[i].body);
    }
    const char *reply = ask(fixture, "GET /static/" PATH, "Range: bytes=10-\r\n");
    assert_status(reply, "416");
    assert_common_headers(reply);
    assert_has(reply, "Content-Range: bytes */10");
    assert_string_equal(body_of(reply), "{\"detail\":\"Range Not Satisfiable\"}");
}

static void a_known_tag_is_not_modified(void **state)
{
    struct fixture *fixture = *state;
    store(fixture, "0123456789");
    const char *reply = ask(fixture, "GET /static/" PATH, "");
    char tag[64] = "";
    assert_int_equal(sscanf(strcasestr(reply, "\r\nETag: ") + 8, "%63[^\r]", tag), 1);

    char headers[256];
    snprintf(headers, sizeof(headers), "If-None-Match: \"other\", %s\r\n", tag);
    reply = ask(fixture, "GET /static/" PATH, headers);
    assert_status(reply, "304");
    assert_common_headers(reply);
    assert_non_null(strstr(reply, tag));
    assert_string_equal(body_of(reply), "");

    snprintf(headers, sizeof(headers), "If-Range: %s\r\nRange: bytes=0-1\r\n", tag);
    assert_status(ask(fixture, "GET /static/" PATH, headers), "206");
    assert_status(ask(fixture, "GET /static/" PATH, "If-None-Match: \"other\"\r\n"), "200");
    assert_status(ask(fixture, "GET /static/" PATH, "If-Range: \"other\"\r\nRange: bytes=0-1\r\n"),
                  "200");
}

static void what_is_not_there_is_not_found(void **state)
{
    struct fixture *fixture = *state;
    store(fixture, "x");
    static const char *const lines[] = {
        "GET /",
        "GET /static",
        "GET /static/",
        "GET /static/tts",
        "GET /static/tts/",
        "GET /static/sounds/none.mp3",
        "GET /static/../../etc/passwd",
        "GET /static/%2e%2e/%2e%2e/etc/passwd",
        "GET /static/..%2f..%2fetc/passwd",
        "GET //etc/passwd",
        "GET /static//etc/passwd",
        "GET /static/%00",
        "GET /" PATH,
    };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        const char *reply = ask(fixture, lines[i], "");
        assert_status(reply, "404");
        assert_has(reply, "Content-Type: application/json");
        assert_common_headers(reply);
        assert_string_equal(body_of(reply), "{\"detail\":\"Not Found\"}");
    }
}

static void other_methods_are_not_allowed(void **state)
{
    struct fixture *fixture = *state;
    static const char *const lines[] = {"POST /static/x", "DELETE /static/x", "PUT /", "OPTIONS /",
                                        "options /static/x"};
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        const char *reply = ask(fixture, lines[i], "Content-Length: 0\r\n");
        assert_status(reply, "405");
        assert_common_headers(reply);
        assert_has(reply, "Allow: GET, HEAD, OPTIONS");
        assert_string_equal(body_of(reply), "{\"detail\":\"Method Not Allowed\"}");
    }
}

static void a_preflight_is_told_what_it_may(void **state)
{
    struct fixture *fixture = *state;
    static const char *const lines[] = {"OPTIONS /static/" PATH, "OPTIONS /static/sounds/none.mp3"};
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        const char *reply = ask(fixture, lines[i],
                                "Origin: https://a.example\r\n"
                                "Access-Control-Request-Method: GET\r\n"
                                "Access-Control-Request-Headers: range\r\n");
        assert_status(reply, "204");
        assert_common_headers(reply);
        assert_has(reply, "Access-Control-Allow-Methods: GET, HEAD, OPTIONS");
        assert_has(reply, "Access-Control-Allow-Headers: Range, If-Range, If-None-Match");
        assert_has(reply, "Access-Control-Max-Age: 86400");
        assert_string_equal(body_of(reply), "");
    }
}

static void a_preflight_does_not_wait_for_speech(void **state)
{
    struct fixture *fixture = *state;
    char line[256];
    struct speech_path path = fresh_path();
    snprintf(line, sizeof(line), "OPTIONS /static/%s", path.text);
    assert_status(ask(fixture, line, ""), "204");
}

static void await_waiters(struct fixture *fixture, int64_t count)
{
    struct metric *waiting = metrics_gauge(fixture->metrics, "ttb_speech_waiting", "", "");
    while (metric_value(waiting) != count)
        usleep(1000);
}

static void a_request_waits_for_speech_that_is_being_made(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(pending_begin(fixture->pending, PATH), STATUS_OK);
    int fd = send_request(fixture, "GET /static/" PATH, "");
    await_waiters(fixture, 1);
    store(fixture, "spoken");
    pending_end(fixture->pending, PATH, STATUS_OK);
    const char *reply = receive_reply(fixture, fd);
    assert_status(reply, "200");
    assert_string_equal(body_of(reply), "spoken");
}

static void a_request_waits_for_speech_that_is_not_begun_yet(void **state)
{
    struct fixture *fixture = *state;
    struct speech_path path = fresh_path();
    int fd = send_get(fixture, &path);
    await_waiters(fixture, 1);
    assert_int_equal(pending_begin(fixture->pending, path.text), STATUS_OK);
    store_at(fixture, &path, "spoken");
    pending_end(fixture->pending, path.text, STATUS_OK);
    assert_string_equal(body_of(receive_reply(fixture, fd)), "spoken");
}

static void a_request_waits_for_speech_that_another_replica_makes(void **state)
{
    struct fixture *fixture = *state;
    struct speech_path path = fresh_path();
    int fd = send_get(fixture, &path);
    await_waiters(fixture, 1);
    store_at(fixture, &path, "spoken");
    assert_string_equal(body_of(receive_reply(fixture, fd)), "spoken");
}

static void speech_that_fails_is_not_found(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(pending_begin(fixture->pending, PATH), STATUS_OK);
    int fd = send_request(fixture, "GET /static/" PATH, "");
    await_waiters(fixture, 1);
    pending_end(fixture->pending, PATH, STATUS_INTERNAL);
    assert_status(receive_reply(fixture, fd), "404");
    assert_status(ask(fixture, "GET /static/" PATH, ""), "404");
}

static void speech_that_the_disk_has_no_room_for_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct speech_path path = fresh_path();
    assert_int_equal(pending_begin(fixture->pending, path.text), STATUS_OK);
    int fd = send_get(fixture, &path);
    assert_false(pending_end(fixture->pending, path.text, STATUS_NO_SPACE));
    assert_status(receive_reply(fixture, fd), "507");
    assert_string_equal(body_of(fixture->reply), "{\"detail\":\"Insufficient Storage\"}");
    assert_status(receive_reply(fixture, send_get(fixture, &path)), "507");
}

static void speech_that_never_begins_is_not_found_after_its_time(void **state)
{
    struct fixture *fixture = *state;
    struct speech_path path = fresh_path();
    assert_status(receive_reply(fixture, send_get(fixture, &path)), "404");
}

static void speech_that_was_not_asked_for_just_now_is_not_waited_for(void **state)
{
    struct fixture *fixture = *state;
    assert_status(ask(fixture, "GET /static/" PATH, ""), "404");
}

static void more_requests_than_may_wait_are_answered_at_once(void **state)
{
    struct fixture *fixture = *state;
    struct speech_path path = fresh_path();
    int waiting[4];
    for (size_t i = 0; i < ARRAY_LEN(waiting); i++)
        waiting[i] = send_get(fixture, &path);
    await_waiters(fixture, 4);
    assert_status(receive_reply(fixture, send_get(fixture, &path)), "404");
    store_at(fixture, &path, "spoken");
    for (size_t i = 0; i < ARRAY_LEN(waiting); i++)
        assert_status(receive_reply(fixture, waiting[i]), "200");
}

static void the_stop_answers_who_waits(void **state)
{
    struct fixture *fixture = *state;
    struct speech_path path = fresh_path();
    int fd = send_get(fixture, &path);
    await_waiters(fixture, 1);
    pending_stop(fixture->pending);
    assert_status(receive_reply(fixture, fd), "404");
}

static void a_drained_server_closes_its_port(void **state)
{
    struct fixture *fixture = *state;
    store(fixture, "spoken");
    unsigned port = file_server_port(fixture->server);
    file_server_drain(fixture->server, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_not_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    close(fd);
    file_server_finish(fixture->server, clock_mono_ms() + LONG_MS); /* nothing is under way */
}

struct drain {
    struct fixture *fixture;
    atomic_bool is_over;
};

static void *drain_for_a_while(void *closure)
{
    struct drain *drain = closure;
    file_server_drain(drain->fixture->server, 500);
    file_server_finish(drain->fixture->server, clock_mono_ms() + LONG_MS);
    atomic_store(&drain->is_over, true);
    return NULL;
}

static void while_it_drains_a_server_serves_and_waits_for_what_is_under_way(void **state)
{
    struct fixture *fixture = *state;
    store(fixture, "stored");
    struct speech_path path = fresh_path();
    int waiting = send_get(fixture, &path);
    await_waiters(fixture, 1);
    struct drain drain = {.fixture = fixture};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, drain_for_a_while, &drain), 0);

    assert_string_equal(body_of(ask(fixture, "GET /static/" PATH, "")), "stored");
    clock_sleep_ms(600); /* its port is closed by now, and it waits for us */
    assert_false(atomic_load(&drain.is_over));
    store_at(fixture, &path, "spoken");
    assert_string_equal(body_of(receive_reply(fixture, waiting)), "spoken");
    assert_has(fixture->reply, "Connection: close");
    pthread_join(thread, NULL);
}

static void a_taken_port_is_a_conflict(void **state)
{
    struct fixture *fixture = *state;
    struct file_server_options options = {.host = "127.0.0.1",
                                          .threads = 2,
                                          .port = file_server_port(fixture->server),
                                          .root = fixture->root,
                                          .pending = fixture->pending,
                                          .connections_max = 4};
    struct file_server *second = NULL;
    assert_int_equal(file_server_start(&options, &second), STATUS_CONFLICT);
    options.host = "no address";
    assert_int_equal(file_server_start(&options, &second), STATUS_CONFLICT);
}

#define SERVER_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(a_file_is_served_with_its_headers),
        SERVER_TEST(head_has_the_headers_without_the_body),
        SERVER_TEST(an_empty_file_is_served),
        SERVER_TEST(ranges_are_served_as_parts),
        SERVER_TEST(a_known_tag_is_not_modified),
        SERVER_TEST(what_is_not_there_is_not_found),
        SERVER_TEST(other_methods_are_not_allowed),
        SERVER_TEST(a_preflight_is_told_what_it_may),
        SERVER_TEST(a_preflight_does_not_wait_for_speech),
        SERVER_TEST(a_request_waits_for_speech_that_is_being_made),
        SERVER_TEST(a_request_waits_for_speech_that_is_not_begun_yet),
        SERVER_TEST(a_request_waits_for_speech_that_another_replica_makes),
        SERVER_TEST(speech_that_fails_is_not_found),
        SERVER_TEST(speech_that_the_disk_has_no_room_for_is_told),
        cmocka_unit_test_setup_teardown(speech_that_never_begins_is_not_found_after_its_time,
                                        set_up_without_patience, tear_down),
        SERVER_TEST(speech_that_was_not_asked_for_just_now_is_not_waited_for),
        SERVER_TEST(more_requests_than_may_wait_are_answered_at_once),
        SERVER_TEST(the_stop_answers_who_waits),
        SERVER_TEST(a_drained_server_closes_its_port),
        SERVER_TEST(while_it_drains_a_server_serves_and_waits_for_what_is_under_way),
        SERVER_TEST(a_taken_port_is_a_conflict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
