/* SPDX-License-Identifier: MIT */
/* What JetStream says to a message that was published to a stream. */
#pragma once

#include <nats/nats.h>

enum ack {
    ACK_STORED, /* now, or before */
    ACK_LATER,  /* it can't now: no stream, no disk, not started yet */
    ACK_NEVER   /* the message itself is at fault */
};

enum ack ack_read(natsMsg *reply);
