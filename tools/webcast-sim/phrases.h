/* SPDX-License-Identifier: MIT */
/* What the crowd says: ordinary, friendly chat in Russian and English. */
#pragma once

#include "tools/webcast-sim/dice.h"

struct phrase {
    const char *text;
    const char *language; /* as in content_language: "ru", "en" */
};

struct phrase phrase_pick(struct dice *dice);
