/* SPDX-License-Identifier: MIT */
#include "services/events/live/leases.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "services/events/live/handover.h"

/* After Postgres was away all watches have run out, and until the gateways have renewed them they
 * are missing from the table. */
#define TRUST_MS 15000
/* Events go out for so long after a look: then another replica may soon think us dead. */
#define SPEAK_MS ((LEASE_S - 2) * 1000)
/* A look that takes longer has failed: two of them must fit into SPEAK_MS, and libpq takes no less
 * than 2 s to connect. */
#define LOOK_TIMEOUT_MS 1000
#define CONNECT_TIMEOUT_MS 2000
#define QUIET_WAIT_MS 700 /* less than who waits for our word does */

struct leases {
    struct leases_options options;
    struct handover *handover;
    struct pg *db;
    int64_t seeing_since_ms; /* monotonic; every look since then went well. -1: the last did not */
    int64_t speak_until_ms;  /* likewise */
    unsigned losses;         /* of the bus, before the last look that went well */
    unsigned replicas;       /* alive, by that look */
};

/* ---- what other replicas tell, in the handover's thread ---- */

static void lose_lives(void *closure, const char *const names[], size_t count)
{
    const struct leases *leases = closure;
    log_warning(NULL, "another replica has taken lives over", LOG_INT("count", (int64_t)count));
    for (size_t i = 0; i < count; i++)
        rooms_lose(leases->options.rooms, names[i]);
    publisher_flush(leases->options.publisher, QUIET_WAIT_MS);
}

static void look_now(void *closure)
{
    const struct leases *leases = closure;
    leases->options.on_call(leases->options.closure);
}

/* ---- looking ---- */

/* Whoever held these lives before us must be quiet before we speak. They are the first of watches
 * and those after it with the same previous replica. */
static void silence(const struct leases *leases, const struct watch *watches, size_t count,
                    struct arena *arena)
{
    const char **names = ARENA_ARRAY(arena, const char *, count);
    size_t taken = 0;
    for (size_t i = 0; i < count && text_equal(watches[i].previous, watches->previous); i++) {
        if (taken == 0 || !text_equal(names[taken - 1], watches[i].username))
            names[taken++] = watches[i].username;
    }
    handover_take(leases->handover, watches->previous, names, taken);
}

static void follow(struct leases *leases, const struct claim *claim, int64_t start_ms,
                   unsigned losses, struct arena *arena)
{
    const struct leases_options *options = &leases->options;
    const char *previous = NULL;
    int64_t now_ms = clock_mono_ms();
    for (size_t i = 0; i < claim->count; i++) {
        const struct watch *watch = &claim->watches[i];
        if (!text_equal(watch->previous, previous))
            silence(leases, watch, claim->count - i, arena);
        previous = watch->previous;
        if (watch->user_id)
            options->on_watch(options->closure, watch, now_ms);
        else
            rooms_keep_open(options->rooms, watch->username, now_ms);
    }
    size_t closed = rooms_sweep(options->rooms, now_ms);
    if (closed > 0 && start_ms >= leases->speak_until_ms)
        publisher_flush(options->publisher, 0); /* too late: another has spoken since */
    if (leases->seeing_since_ms < 0)
        leases->seeing_since_ms = now_ms;
    leases->speak_until_ms = start_ms + SPEAK_MS;
    leases->losses = losses;
    leases->replicas = claim->replicas;
}

/* While Postgres is away nobody can take our leases. If it is only we who can't reach it, whoever
 * takes them tells us so: those whom we serve are served on, unless that word may have been lost
 * with the bus. */
static void go_on_blindly(struct leases *leases)
{
    int64_t now_ms = clock_mono_ms();
    log_debug(NULL, "the watches can't be read", LOG_TEXT("reason", pg_error(leases->db)));
    rooms_keep_all(leases->options.rooms, now_ms + TRUST_MS);
    (void)rooms_sweep(leases->options.rooms, now_ms);
    leases->seeing_since_ms = -1;
    if (bus_losses(leases->options.bus) == leases->losses)
        leases->speak_until_ms = now_ms + SPEAK_MS;
}

/* Leases are taken over only by who has seen for a whole lease's time that they were not renewed:
 * after Postgres was away they all look old. What Postgres said so long ago that another may have
 * taken them since is no news. */
void leases_look(struct leases *leases, struct arena *arena)
{
    int64_t start_ms = clock_mono_ms();
    unsigned losses = bus_losses(leases->options.bus);
    bool may_take_over =
        leases->seeing_since_ms >= 0 && start_ms - leases->seeing_since_ms >= LEASE_S * 1000;
    struct claim claim;
    enum status status =
        streams_claim(leases->db, bus_id(leases->options.bus), may_take_over, arena, &claim);
    if (status == STATUS_OK && clock_mono_ms() - start_ms < SPEAK_MS)
        follow(leases, &claim, start_ms, losses, arena);
    else
        go_on_blindly(leases);
    publisher_allow(leases->options.publisher, leases->speak_until_ms);
}

/* ---- life ---- */

enum status leases_open(const struct leases_options *options, struct leases **ret_leases)
{
    struct leases *leases = calloc(1, sizeof(*leases));
    if (!leases)
        abort();
    leases->options = *options;
    leases->seeing_since_ms = -1;
    leases->replicas = 1;
    struct pg_options database = *options->database;
    database.connect_timeout_ms = CONNECT_TIMEOUT_MS;
    database.statement_timeout_ms = LOOK_TIMEOUT_MS;
    leases->db = pg_new(&database);
    const struct handover_options handover = {
        .bus = options->bus,
        .on_lost = lose_lives,
        .on_call = look_now,
        .closure = leases,
        .metrics = options->metrics,
    };
    enum status status = handover_start(&handover, &leases->handover);
    if (status == STATUS_OK)
        *ret_leases = leases;
    else
        leases_close(leases);
    return status;
}

unsigned leases_replicas(const struct leases *leases)
{
    return leases->replicas;
}

void leases_give_back(struct leases *leases)
{
    if (streams_release(leases->db, bus_id(leases->options.bus)) != STATUS_OK)
        log_warning(NULL, "the leases stay until they run out");
    handover_call(leases->handover);
}

void leases_close(struct leases *leases)
{
    if (!leases)
        return;
    handover_stop(leases->handover);
    pg_free(leases->db);
    free(leases);
}
