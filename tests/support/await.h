/* SPDX-License-Identifier: MIT */
/* Waits for what another thread does, and fails the test when that takes too long. Include it after
 * cmocka.h. */
#pragma once

#include "lib/base/clock.h"

#define AWAIT_MS 60000

#define AWAIT(condition)                                                                           \
    do {                                                                                           \
        int64_t await_until_ms = clock_mono_ms() + AWAIT_MS;                                       \
        while (!(condition)) {                                                                     \
            assert_true(clock_mono_ms() < await_until_ms);                                         \
            clock_sleep_ms(1);                                                                     \
        }                                                                                          \
    } while (0)
