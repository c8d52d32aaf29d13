/* SPDX-License-Identifier: MIT */
/* What a socket with ?since= missed. The newest stored event tells whether it missed anything; if
 * so, the first one later than `since` is searched for by halving, and from there on events are
 * read one after another, as fast as the client takes them. Live events wait meanwhile; when they
 * are too many they are forgotten, and read from the stream in their turn. Sequence numbers make
 * sure that nothing comes twice; where something between `since` and the first event may have been
 * dropped from the stream, a gap frame says so. A `since` that is ahead of the clock and of all
 * that is stored counts as the newest stored event's. */
#pragma once

#include "services/gateway/ws/frame.h"

#include <stdbool.h>
#include <stdint.h>

struct replay;
struct socket;

/* For a socket that has joined its room. */
struct replay *replay_begin(struct socket *socket, int64_t since);

/* The same, but nothing is read before replay_resume. */
struct replay *replay_wait(struct socket *socket, int64_t since);

/* A live event of the user. */
void replay_event(struct replay *replay, struct frame *frame, int64_t seq);

/* The socket has sent some of its frames. */
void replay_continue(struct replay *replay);

/* The bus was lost, and events with it: those that come next wait. Takes NULL. */
void replay_cut(struct replay *replay);

/* The bus is back: reads what was missed. Takes NULL. */
void replay_resume(struct replay *replay);

/* The socket goes. Takes NULL. */
void replay_end(struct replay *replay);
