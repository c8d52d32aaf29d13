/* SPDX-License-Identifier: MIT */
/* What a voice says to show how it sounds. */
#pragma once

/* "Hello! This is my voice.", in the language of lang (BCP 47); in English where we have no such
 * sentence, and for NULL. */
const char *sample_text(const char *lang);
