/* SPDX-License-Identifier: MIT */
/* The words that are spoken for what a viewer did: a trigger's template, or the usual ones. Results
 * are in the arena and still as viewers typed them: hearing_prepare makes them fit to be spoken. */
#pragma once

#include "services/events/domain/occasion.h"

/* Whether the voice's usual words are English: told from its id ("en-US-JennyNeural", "gtts-en").
 * Else they are Russian. */
bool phrases_is_english(const char *voice_id);

/* The template with {user}, {username}, {nickname}, {message}, {gift}, {count} and {diamonds}
 * replaced. Nothing else is special, neither other braces nor what stands in the replacements. */
const char *phrases_render(struct arena *arena, const char *text_template,
                           const struct occasion *occasion);

/* The usual words of the event, for a trigger that has none of its own: a message is itself, and a
 * gift whose name can't be spoken is just a gift. */
const char *phrases_usual(struct arena *arena, const struct occasion *occasion, bool is_english);
