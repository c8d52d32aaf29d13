/* SPDX-License-Identifier: MIT */
/* Repeatable chance: the same seed gives the same rolls on every machine. */
#pragma once

#include <stdint.h>

struct dice {
    uint64_t state;
};

/* splitmix64: short, and good enough to play a crowd. */
static inline uint64_t dice_roll(struct dice *dice)
{
    uint64_t mixed = dice->state += 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

/* 0 to limit - 1. */
static inline uint64_t dice_below(struct dice *dice, uint64_t limit)
{
    return dice_roll(dice) % limit;
}

/* low to high, both included. */
static inline int64_t dice_between(struct dice *dice, int64_t low, int64_t high)
{
    return low + (int64_t)dice_below(dice, (uint64_t)(high - low) + 1);
}

/* A seed that depends on every byte of text. */
static inline uint64_t dice_hash(const char *text)
{
    struct dice dice = {0xcbf29ce484222325u};
    for (; *text; text++)
        dice.state = (dice.state ^ (unsigned char)*text) * 0x100000001b3u;
    return dice_roll(&dice);
}
