/* SPDX-License-Identifier: MIT */
/* The client's blocking requests, done by a few threads of their own. Each session has at most one
 * job underway, so the queue is as short as there are sessions. */
#pragma once

#include "services/events/webcast/lookup.h"
#include "services/events/webcast/sign.h"
#include "services/events/webcast/target.h"

#define JOBS_THREADS 4

enum job_kind {
    JOB_LOOK_UP,    /* name, room_id of the last live → found */
    JOB_ASK_SIGNER, /* name → found, by way of the sign server */
    JOB_CHECK,      /* room_id → found.error */
    JOB_SIGN        /* room_id → answer, target */
};

struct job {
    struct job *next;
    enum job_kind kind;
    uint64_t session_id;
    const char *name; /* in the arena, like all that the job holds */
    const char *user_agent;
    int64_t room_id;
    struct lookup found;
    struct sign_answer answer;
    struct target target;
    struct arena *arena;
};

struct job *job_new(enum job_kind kind, uint64_t session_id, const char *name,
                    const char *user_agent, int64_t room_id);
void job_free(struct job *job);

struct jobs;

/* on_done is called by a jobs' thread after each job that it put among the finished. */
struct jobs *jobs_new(const struct webcast_options *options, void (*on_done)(void *closure),
                      void *closure);

/* Hands the job over. */
void jobs_add(struct jobs *jobs, struct job *job);

/* A finished job, which is the caller's; NULL when there's none. */
struct job *jobs_take_finished(struct jobs *jobs);

/* Gives up what is underway and joins the threads. Takes NULL. */
void jobs_free(struct jobs *jobs);
