/* SPDX-License-Identifier: MIT */
/* Letters in capitals and small, without a locale: Latin, Greek, Cyrillic, Armenian. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The small letter of a capital; anything else as it is. */
uint32_t letter_lower(uint32_t code_point);

bool letter_is_capital(uint32_t code_point);

/* Letters that stand for a word, of any script: "№", "℃". */
bool letter_is_symbol(uint32_t code_point);

/* Letters of any script; neither digits nor symbols. */
bool letter_is_one(uint32_t code_point);
