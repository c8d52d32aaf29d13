/* SPDX-License-Identifier: MIT */
#include "services/events/live/leases.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/pg/migrate.h"
#include "tests/unit/services/events/live/listener.h"

#include "tests/support/await.h"

#include <stdatomic.h>

#define ANN "11111111-2222-4333-8444-555555555555"

extern const struct migrations events_migrations;

/* A replica without TikTok. */
struct replica {
    struct listener listener; /* it hears all that is published */
    struct speaker speaker;
    struct reactor reactor;
    struct rooms *rooms;
    struct leases *leases;
    struct arena *arena;
    atomic_int open; /* rooms */
    atomic_int calls;
};

struct fixture {
    struct pg_options database;
    struct replica first, second;
};

static void execute(const char *sql)
{
    AUTO(PQfinish) PGconn *connection = PQconnectdb(DATABASE_URL);
    AUTO(PQclear) PGresult *result = PQexec(connection, sql);
    assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
}

static void on_open(void *closure, const char *name)
{
    struct replica *replica = closure;
    (void)name;
    atomic_fetch_add(&replica->open, 1);
}

static void on_close(void *closure, const char *name)
{
    struct replica *replica = closure;
    (void)name;
    atomic_fetch_sub(&replica->open, 1);
}

static void on_watch(void *closure, const struct watch *watch, int64_t now_ms)
{
    const struct replica *replica = closure;
    (void)rooms_keep(replica->rooms, watch, now_ms);
}

static void on_call(void *closure)
{
    struct replica *replica = closure;
    atomic_fetch_add(&replica->calls, 1);
}

static void open_replica(struct fixture *fixture, struct replica *replica)
{
    struct listener *listener = &replica->listener;
    listener_open(listener);
    speaker_init(&replica->speaker, listener->bus, "http://media", listener->metrics);
    reactor_init(&replica->reactor, &replica->speaker, NULL, "http://media", 600,
                 listener->metrics);
    const struct rooms_options rooms = {
        .publisher = listener->publisher,
        .reactor = &replica->reactor,
        .on_open = on_open,
        .on_close = on_close,
        .closure = replica,
        .metrics = listener->metrics,
    };
    replica->rooms = rooms_new(&rooms);
    const struct leases_options leases = {
        .bus = listener->bus,
        .database = &fixture->database,
        .publisher = listener->publisher,
        .rooms = replica->rooms,
        .on_watch = on_watch,
        .on_call = on_call,
        .closure = replica,
        .metrics = listener->metrics,
    };
    assert_int_equal(leases_open(&leases, &replica->leases), STATUS_OK);
    replica->arena = arena_new(1 << 20);
}

static void close_replica(struct replica *replica)
{
    leases_close(replica->leases);
    rooms_free(replica->rooms);
    arena_free(replica->arena);
    listener_close(&replica->listener);
}

static int set_up(void **state)
{
    const struct pg_options database = {.url = DATABASE_URL};
    char reason[512] = "";
    execute("set client_min_messages = error; drop schema if exists events cascade;"
            "create schema events");
    assert_int_equal(migrate(&database, &events_migrations, reason, sizeof(reason)), STATUS_OK);
    static struct fixture fixture;
    fixture = (struct fixture){.database = {.url = DATABASE_URL}};
    open_replica(&fixture, &fixture.first);
    open_replica(&fixture, &fixture.second);
    execute("insert into events.watches (user_id, username, wanted_until)"
            "values ('" ANN "', 'one', now() + interval '1 hour')");
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    close_replica(&fixture->first);
    close_replica(&fixture->second);
    return 0;
}

/* How many rooms it has afterwards. */
static int look(struct replica *replica)
{
    leases_look(replica->leases, replica->arena);
    arena_reset(replica->arena);
    return atomic_load(&replica->open);
}

/* Whether what is handed to the replica's publisher goes out. */
static bool may_speak(struct replica *replica)
{
    struct publisher *publisher = replica->listener.publisher;
    int64_t settled = publisher_settled(publisher);
    publisher_send(publisher, ANN, "test", (struct slice){"{}", 2});
    for (int i = 0; i < 100 && publisher_settled(publisher) == settled; i++)
        clock_sleep_ms(5);
    return publisher_settled(publisher) > settled;
}

/* As a Postgres that is away would; there is no other role's connection to be ended. */
static void cut_off(void)
{
    execute("alter table events.watches rename to hidden");
}

static void mend(void)
{
    execute("alter table events.hidden rename to watches");
}

static void a_live_is_held_by_the_one_that_looks_first(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(look(&fixture->first), 1);
    assert_int_equal(look(&fixture->second), 0);
    assert_int_equal(look(&fixture->first), 1);
}

static void what_is_given_back_is_called_out(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(look(&fixture->first), 1);
    leases_give_back(fixture->first.leases);
    AWAIT(atomic_load(&fixture->second.calls) == 1);
    assert_int_equal(look(&fixture->second), 1);
    assert_int_equal(look(&fixture->first), 0);
}

static void an_outage_leaves_all_as_it_is(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(look(&fixture->first), 1);
    cut_off();
    assert_int_equal(look(&fixture->first), 1);
    assert_int_equal(look(&fixture->second), 0);
    assert_true(may_speak(&fixture->first));
    execute("update events.streams set renewed_at = now() - interval '1 minute'");
    mend();
    assert_int_equal(look(&fixture->second), 0);
    assert_int_equal(look(&fixture->first), 1);
}

/* The first one looks no more, but is alive otherwise. */
static void who_does_not_look_is_silent_until_another_takes_its_lives(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(look(&fixture->first), 1);
    assert_true(may_speak(&fixture->first));
    int64_t until_ms = clock_mono_ms() + (LEASE_S - 2) * 1000 + 200;
    while (clock_mono_ms() < until_ms) {
        assert_int_equal(look(&fixture->second), 0);
        clock_sleep_ms(200);
    }
    assert_false(may_speak(&fixture->first));
    int64_t give_up_ms = clock_mono_ms() + 15000;
    while (look(&fixture->second) == 0 && clock_mono_ms() < give_up_ms)
        clock_sleep_ms(200);
    assert_int_equal(atomic_load(&fixture->second.open), 1);
    assert_int_equal(atomic_load(&fixture->first.open), 0); /* before the second began */
    assert_int_equal(look(&fixture->first), 0);
    assert_true(may_speak(&fixture->second));
}

#define LEASES_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LEASES_TEST(a_live_is_held_by_the_one_that_looks_first),
        LEASES_TEST(what_is_given_back_is_called_out),
        LEASES_TEST(an_outage_leaves_all_as_it_is),
        LEASES_TEST(who_does_not_look_is_silent_until_another_takes_its_lives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
