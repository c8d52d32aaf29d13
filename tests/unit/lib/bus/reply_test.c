/* SPDX-License-Identifier: MIT */
#include "lib/bus/reply.h"

#include "lib/base/text.h"
#include "tests/unit/lib/bus/server.h"

#include <pthread.h>

#define INBOX "replytest.inbox"
#define TEN_MEBIBYTES ((size_t)10 * 1024 * 1024)
#define ONE_PIECE ((size_t)(1024 - 64) * 1024) /* nats-server's default max_payload is 1 MiB */

/* Somebody who answers a request, and its inbox at somebody else's. */
struct fixture {
    struct bus *server;
    struct bus *client;
    natsSubscription *inbox;
    natsMsg *request;
    char *data; /* BUS_REPLY_MAX_BYTES and one more, none like its neighbours */
};

static void open_inbox(struct fixture *fixture, struct bus *server, struct bus *client)
{
    struct slice nothing = {"", 0};
    fixture->server = server;
    fixture->client = client;
    natsConnection *connection = bus_connection(fixture->client);
    assert_int_equal(natsConnection_SubscribeSync(&fixture->inbox, connection, INBOX), NATS_OK);
    assert_int_equal(natsConnection_Flush(connection), NATS_OK);
    assert_int_equal(bus_message("replytest", INBOX, NULL, 0, nothing, &fixture->request),
                     STATUS_OK);
    fixture->data = malloc(BUS_REPLY_MAX_BYTES + 1);
    assert_non_null(fixture->data);
    for (size_t i = 0; i <= BUS_REPLY_MAX_BYTES; i++)
        fixture->data[i] = (char)(i % 251);
}

static void close_inbox(struct fixture *fixture)
{
    natsSubscription_Destroy(fixture->inbox);
    natsMsg_Destroy(fixture->request);
    free(fixture->data);
    bus_close(fixture->server);
    bus_close(fixture->client);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    open_inbox(fixture, open_bus("server"), open_bus("client"));
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    close_inbox(*state);
    free(*state);
    return 0;
}

static void reply(struct fixture *fixture, int http_status, size_t size)
{
    static const struct bus_header headers[] = {{"Content-Type", "audio/mpeg"}, {"Kind", NULL}};
    bus_reply(fixture->server, fixture->request, http_status, headers, ARRAY_LEN(headers),
              (struct slice){fixture->data, size});
}

static natsMsg *next_message(struct fixture *fixture)
{
    natsMsg *message = NULL;
    assert_int_equal(natsSubscription_NextMsg(&message, fixture->inbox, LONG_MS), NATS_OK);
    return message;
}

/* The next message is of the data at an offset, and the size of the part is added to it. */
static natsMsg *next_part(struct fixture *fixture, size_t *offset)
{
    natsMsg *part = next_message(fixture);
    size_t size = (size_t)natsMsg_GetDataLength(part);
    assert_memory_equal(natsMsg_GetData(part), fixture->data + *offset, size);
    *offset += size;
    return part;
}

static size_t count_headers(natsMsg *message)
{
    const char **names = NULL;
    int count = 0;
    if (natsMsgHeader_Keys(message, &names, &count) != NATS_OK)
        return 0;
    free(names);
    return (size_t)count;
}

/* Takes all parts but the last, and gives that. */
static natsMsg *join(struct fixture *fixture, size_t size)
{
    size_t offset = 0;
    for (;;) {
        AUTO(natsMsg_Destroy) natsMsg *part = next_part(fixture, &offset);
        const char *more = bus_header_get(part, BUS_MORE_HEADER);
        if (!more) {
            assert_int_equal(offset, size);
            return TAKE(part);
        }
        assert_string_equal(more, "1");
        assert_int_equal(count_headers(part), 1);
        assert_int_equal(natsMsg_GetDataLength(part), BUS_PART_MAX_BYTES);
    }
}

static void check_nothing_follows(struct fixture *fixture)
{
    uint64_t waiting = 0;
    assert_int_equal(natsConnection_Flush(bus_connection(fixture->server)), NATS_OK);
    assert_int_equal(natsConnection_Flush(bus_connection(fixture->client)), NATS_OK);
    assert_int_equal(natsSubscription_QueuedMsgs(fixture->inbox, &waiting), NATS_OK);
    assert_int_equal(waiting, 0);
}

/* ---- sizes ---- */

static void what_a_message_may_hold_goes_in_one_piece(void **state)
{
    static const size_t sizes[] = {0, 1, BUS_PART_MAX_BYTES, BUS_PART_MAX_BYTES + 1, ONE_PIECE};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        size_t offset = 0;
        reply(*state, 200, sizes[i]);
        AUTO(natsMsg_Destroy) natsMsg *whole = next_part(*state, &offset);
        assert_int_equal(offset, sizes[i]);
        assert_null(bus_header_get(whole, BUS_MORE_HEADER));
        assert_null(bus_header_get(whole, BUS_SIZE_HEADER));
        assert_string_equal(bus_header_get(whole, "Content-Type"), "audio/mpeg");
        check_nothing_follows(*state);
    }
}

static void more_goes_in_parts_and_the_last_has_the_headers(void **state)
{
    static const size_t sizes[] = {ONE_PIECE + 1, 2 * BUS_PART_MAX_BYTES,
                                   2 * BUS_PART_MAX_BYTES + 1, 5 * BUS_PART_MAX_BYTES - 1};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        reply(*state, 201, sizes[i]);
        AUTO(natsMsg_Destroy) natsMsg *last = join(*state, sizes[i]);
        char size[32];
        snprintf(size, sizeof(size), "%zu", sizes[i]);
        assert_string_equal(bus_header_get(last, BUS_SIZE_HEADER), size);
        assert_string_equal(bus_header_get(last, BUS_STATUS_HEADER), "201");
        assert_string_equal(bus_header_get(last, "Content-Type"), "audio/mpeg");
        assert_true(natsMsg_GetDataLength(last) > 0);
        check_nothing_follows(*state);
    }
}

static void the_largest_body_arrives_whole(void **state)
{
    reply(*state, 200, BUS_REPLY_MAX_BYTES);
    AUTO(natsMsg_Destroy) natsMsg *last = join(*state, BUS_REPLY_MAX_BYTES);
    assert_int_equal(natsMsg_GetDataLength(last), BUS_PART_MAX_BYTES);
}

static void what_can_not_be_sent_becomes_a_500_without_parts(void **state)
{
    struct fixture *fixture = *state;
    static const struct bus_header broken = {"Kind", "two\r\nlines"};
    reply(fixture, 200, BUS_REPLY_MAX_BYTES + 1);
    bus_reply(fixture->server, fixture->request, 200, &broken, 1,
              (struct slice){fixture->data, BUS_REPLY_MAX_BYTES});
    for (int i = 0; i < 2; i++) {
        AUTO(natsMsg_Destroy) natsMsg *message = next_message(fixture);
        assert_string_equal(bus_header_get(message, BUS_STATUS_HEADER), "500");
        assert_string_equal(natsMsg_GetData(message), "{\"detail\":\"Internal Server Error\"}");
    }
    check_nothing_follows(fixture);
}

/* ---- many, and a server that is slow or gone ---- */

static void *reply_with_the_largest(void *closure)
{
    reply(closure, 200, BUS_REPLY_MAX_BYTES);
    return NULL;
}

static void *reply_with_ten_mebibytes(void *closure)
{
    reply(closure, 200, TEN_MEBIBYTES);
    return NULL;
}

static void replies_of_many_threads_lose_nothing(void **state)
{
    enum { THREADS = 4 }; /* who together send less than NATS keeps for a slow reader, 64 MB */
    struct fixture *fixture = *state;
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, reply_with_ten_mebibytes, fixture), 0);

    size_t bytes = 0;
    for (int whole = 0; whole < THREADS;) {
        AUTO(natsMsg_Destroy) natsMsg *part = next_message(fixture);
        bytes += (size_t)natsMsg_GetDataLength(part);
        whole += !bus_header_get(part, BUS_MORE_HEADER);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(bytes, THREADS * TEN_MEBIBYTES);
}

/* Looks for a while: neither does the reply pile up, nor does it keep others from publishing. */
static void watch_backlog(struct bus *bus)
{
    for (int i = 0; i < 200; i++) {
        assert_true(natsConnection_Buffered(bus_connection(bus)) < 3 * 1024 * 1024);
        assert_int_equal(bus_publish(bus, make_message("replytest.other", "")), STATUS_OK);
        clock_sleep_ms(1);
    }
}

static void a_server_that_pauses_is_waited_for_while_others_may_publish(void **state)
{
    (void)state;
    struct fixture fixture;
    struct server nats = {.port = 0};
    start_server(&nats);
    open_inbox(&fixture, open_patiently(&nats), open_patiently(&nats));
    assert_int_equal(kill(nats.pid, SIGSTOP), 0);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, reply_with_the_largest, &fixture), 0);

    watch_backlog(fixture.server);
    assert_int_equal(kill(nats.pid, SIGCONT), 0);
    natsMsg_Destroy(join(&fixture, BUS_REPLY_MAX_BYTES));
    pthread_join(thread, NULL);
    close_inbox(&fixture);
    stop_server(&nats);
}

static void a_reply_ends_when_its_server_is_gone(void **state)
{
    (void)state;
    struct fixture fixture;
    struct server nats = {.port = 0};
    start_server(&nats);
    open_inbox(&fixture, open_patiently(&nats), open_patiently(&nats));
    assert_int_equal(kill(nats.pid, SIGSTOP), 0);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, reply_with_the_largest, &fixture), 0);
    watch_backlog(fixture.server);
    stop_server(&nats);
    pthread_join(thread, NULL);
    close_inbox(&fixture);
}

static void nobody_is_told_what_nobody_asked(void **state)
{
    struct fixture *fixture = *state;
    AUTO(natsMsg_Destroy) natsMsg *message = make_message("replytest", "");
    bus_reply(fixture->server, message, 200, NULL, 0, (struct slice){"x", 1});
    bus_reply_error(fixture->server, message, STATUS_CONFLICT, "taken");
    check_nothing_follows(fixture);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_a_message_may_hold_goes_in_one_piece),
        TEST(more_goes_in_parts_and_the_last_has_the_headers),
        TEST(the_largest_body_arrives_whole),
        TEST(what_can_not_be_sent_becomes_a_500_without_parts),
        TEST(replies_of_many_threads_lose_nothing),
        cmocka_unit_test(a_server_that_pauses_is_waited_for_while_others_may_publish),
        cmocka_unit_test(a_reply_ends_when_its_server_is_gone),
        TEST(nobody_is_told_what_nobody_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
