/* SPDX-License-Identifier: MIT */
#include "lib/base/gather.h"

#include "lib/base/clock.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>

/* A thread that has come, on its own stack: the leader, or one that waits for the leader. */
struct member {
    pthread_cond_t told; /* the leader: that the batch is full; the others: that it is done */
    bool is_done;
    enum status status;
};

/* On the leader's stack. */
struct batch {
    size_t count;
    struct member *members[GATHER_MAX]; /* the leader first */
    void *items[GATHER_MAX];
};

struct gather {
    gather_fn together;
    size_t max;
    pthread_mutex_t lock; /* of all members and batches, but not while the work is done */
    struct batch *open;   /* may be joined; NULL: the next to come leads */
};

struct gather *gather_new(gather_fn together, size_t max)
{
    assert(max >= 1 && max <= GATHER_MAX);
    struct gather *gather = calloc(1, sizeof(*gather));
    if (!gather)
        abort();
    gather->together = together;
    gather->max = max;
    pthread_mutex_init(&gather->lock, NULL);
    return gather;
}

static void member_init(struct member *member)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    *member = (struct member){.status = STATUS_INTERNAL};
    pthread_cond_init(&member->told, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static void add(struct batch *batch, struct member *member, void *item)
{
    batch->members[batch->count] = member;
    batch->items[batch->count++] = item;
}

/* Leaves the batch open until it is full or the time is over. */
static void wait_for_others(struct gather *gather, struct batch *batch, unsigned wait_ms)
{
    int64_t until_ms = clock_mono_ms() + wait_ms;
    struct timespec until = {until_ms / 1000, until_ms % 1000 * 1000000};
    int waited = 0;
    gather->open = batch;
    while (batch->count < gather->max && waited == 0)
        waited = pthread_cond_timedwait(&batch->members[0]->told, &gather->lock, &until);
    if (gather->open == batch)
        gather->open = NULL;
}

static void lead(struct gather *gather, struct member *self, void *item, void *context,
                 unsigned wait_ms)
{
    struct batch batch = {.count = 0};
    add(&batch, self, item);
    if (wait_ms > 0)
        wait_for_others(gather, &batch, wait_ms);

    pthread_mutex_unlock(&gather->lock);
    enum status status = gather->together(batch.items, batch.count, context);
    pthread_mutex_lock(&gather->lock);
    for (size_t i = 0; i < batch.count; i++) {
        batch.members[i]->status = status;
        batch.members[i]->is_done = true;
        pthread_cond_signal(&batch.members[i]->told);
    }
}

static void follow(struct gather *gather, struct member *self, void *item)
{
    struct batch *batch = gather->open;
    add(batch, self, item);
    if (batch->count == gather->max) {
        gather->open = NULL;
        pthread_cond_signal(&batch->members[0]->told);
    }
    while (!self->is_done)
        pthread_cond_wait(&self->told, &gather->lock);
}

enum status gather_run(struct gather *gather, void *item, void *context, unsigned wait_ms)
{
    struct member self;
    member_init(&self);
    pthread_mutex_lock(&gather->lock);
    if (gather->open)
        follow(gather, &self, item);
    else
        lead(gather, &self, item, context, wait_ms);
    pthread_mutex_unlock(&gather->lock);
    pthread_cond_destroy(&self.told);
    return self.status;
}

void gather_free(struct gather *gather)
{
    if (!gather)
        return;
    pthread_mutex_destroy(&gather->lock);
    free(gather);
}
