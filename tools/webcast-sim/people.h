/* SPDX-License-Identifier: MIT */
/* The crowd: made-up people who chat, give and follow. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PEOPLE_COUNT 4096

/* TikTok's handles have at most 24 characters. */
#define HANDLE_SIZE 25

struct person {
    int64_t id;
    char nickname[64];
    char handle[HANDLE_SIZE];
    int follow_status; /* towards the host: 0 none, 1 follows, 2 mutual */
    int followers;
    int gifter_level; /* 0 for none, as the next */
    int team_level;
    bool moderator;
    bool subscriber;
};

/* The person of that number; numbers past the crowd's size start again. */
void person_make(uint64_t number, struct person *ret_person);

/* Somebody with a given handle, and the handle as nickname where that is NULL. Too long ones are
 * cut. */
void person_make_named(const char *handle, const char *nickname, struct person *ret_person);
