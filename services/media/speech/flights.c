/* SPDX-License-Identifier: MIT */
#include "services/media/speech/flights.h"

#include "lib/base/map.h"
#include "lib/base/text.h"

#include <assert.h>
#include <pthread.h>
#include <sys/queue.h>

struct flight {
    struct speech_key key;
    int64_t deadline_ms;
    struct speech_path *paths;
    size_t count;
    size_t room;
    LIST_ENTRY(flight) place;
};

LIST_HEAD(flight_list, flight);

struct flights {
    size_t paths_max; /* of one */
    pthread_mutex_t mutex;
    struct map by_key;
    struct flight_list all;
};

struct flights *flights_new(size_t joins_max)
{
    struct flights *flights = calloc(1, sizeof(*flights));
    if (!flights)
        abort();
    flights->paths_max = joins_max + 1;
    pthread_mutex_init(&flights->mutex, NULL);
    LIST_INIT(&flights->all);
    return flights;
}

static struct flight *add_flight(struct flights *flights, const struct speech_key *key)
{
    struct flight *flight = calloc(1, sizeof(*flight));
    if (!flight)
        abort();
    flight->key = *key;
    flight->deadline_ms = INT64_MIN;
    map_add(&flights->by_key, flight->key.hex, flight);
    LIST_INSERT_HEAD(&flights->all, flight, place);
    return flight;
}

static struct flight *get_flight(const struct flights *flights, const struct speech_key *key)
{
    struct flight *flight = map_find(&flights->by_key, key->hex);
    assert(flight);
    return flight;
}

static void remove_flight(struct flights *flights, struct flight *flight)
{
    map_remove(&flights->by_key, flight->key.hex);
    LIST_REMOVE(flight, place);
}

static void add_path(struct flight *flight, const struct speech_path *path, int64_t deadline_ms)
{
    if (flight->count == flight->room) {
        flight->room = flight->room ? 2 * flight->room : 1;
        flight->paths = realloc(flight->paths, flight->room * sizeof(*flight->paths));
        if (!flight->paths)
            abort();
    }
    flight->paths[flight->count++] = *path;
    if (deadline_ms > flight->deadline_ms)
        flight->deadline_ms = deadline_ms;
}

enum flight_role flights_join(struct flights *flights, const struct speech_key *key,
                              const struct speech_path *path, int64_t deadline_ms)
{
    pthread_mutex_lock(&flights->mutex);
    struct flight *flight = map_find(&flights->by_key, key->hex);
    enum flight_role role = flight ? FLIGHT_JOIN : FLIGHT_LEAD;
    if (!flight)
        flight = add_flight(flights, key);
    if (flight->count == flights->paths_max)
        role = FLIGHT_FULL;
    else
        add_path(flight, path, deadline_ms);
    pthread_mutex_unlock(&flights->mutex);
    return role;
}

static bool remove_path(struct flight *flight, const struct speech_path *path)
{
    for (size_t i = 0; i < flight->count; i++) {
        if (!text_equal(flight->paths[i].text, path->text))
            continue;
        memmove(&flight->paths[i], &flight->paths[i + 1],
                (--flight->count - i) * sizeof(*flight->paths));
        return true;
    }
    return false;
}

bool flights_leave(struct flights *flights, const struct speech_path *path)
{
    bool was_there = false;
    struct flight *flight;
    pthread_mutex_lock(&flights->mutex);
    LIST_FOREACH(flight, &flights->all, place)
    was_there = was_there || remove_path(flight, path);
    pthread_mutex_unlock(&flights->mutex);
    return was_there;
}

bool flights_end_unwanted(struct flights *flights, const struct speech_key *key)
{
    pthread_mutex_lock(&flights->mutex);
    struct flight *flight = get_flight(flights, key);
    bool is_unwanted = flight->count == 0;
    if (is_unwanted)
        remove_flight(flights, flight);
    pthread_mutex_unlock(&flights->mutex);
    if (is_unwanted) {
        free(flight->paths);
        free(flight);
    }
    return is_unwanted;
}

int64_t flights_deadline_ms(struct flights *flights, const struct speech_key *key)
{
    pthread_mutex_lock(&flights->mutex);
    int64_t deadline_ms = get_flight(flights, key)->deadline_ms;
    pthread_mutex_unlock(&flights->mutex);
    return deadline_ms;
}

struct flight_paths flights_land(struct flights *flights, const struct speech_key *key)
{
    pthread_mutex_lock(&flights->mutex);
    struct flight *flight = get_flight(flights, key);
    remove_flight(flights, flight);
    pthread_mutex_unlock(&flights->mutex);
    struct flight_paths landed = {flight->paths, flight->count};
    free(flight);
    return landed;
}

void flights_free(struct flights *flights)
{
    if (!flights)
        return;
    assert(flights->by_key.count == 0);
    map_done(&flights->by_key);
    pthread_mutex_destroy(&flights->mutex);
    free(flights);
}
