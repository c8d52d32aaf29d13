/* SPDX-License-Identifier: MIT */
/* What a gateway asks of the events service for a user: to watch a live, every 10 s while sockets
 * want it, and to end that when the client says so. What is watched is the events service's to
 * know, since other gateways ask for the same user: a request names the live to begin with, and
 * only one that comes from the client's own choice replaces what is being watched. One request is
 * on its way at a time, so they arrive in order. */
#pragma once

#include "lib/base/uuid.h"
#include "services/gateway/ws/state.h"

struct watching;

/* For a room, which outlives it. It is off. */
struct watching *watching_new(struct room *room, struct ws *ws, const struct uuid *user_id);

/* Auth's word on whose live the user watches; "" for none. When it differs from the last word, the
 * user has changed the setting, and that is a choice. */
void watching_set_default(struct watching *watching, const char *username);

/* Where the user has no name, the made-up events of the test feed are watched instead. */
void watching_allow_feed(struct watching *watching);

/* Whether the user has no name, and may have the test feed. */
bool watching_wants_feed(const struct watching *watching);

/* On from now on; the sockets are to be told how things stand. username, unless NULL, is the
 * client's choice; when it turns out to be no name, the sockets are told so, and all stays as it
 * was. False, and nothing happens, when there is no name at all. */
bool watching_begin(struct watching *watching, const char *username);

/* The client has chosen that live over HTTP, and the events service watches it already. */
void watching_follow(struct watching *watching, const char *username);

/* Off, and what the client has chosen is forgotten. */
void watching_stop(struct watching *watching);

/* Whether that is another name than that of the live, and than the client said last. */
bool watching_is_other(const struct watching *watching, const char *username);

bool watching_is_on(const struct watching *watching);

/* The room goes: asks for nothing more, and what is watched runs out by itself. */
void watching_end(struct watching *watching);
