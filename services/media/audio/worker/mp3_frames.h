/* SPDX-License-Identifier: MIT */
/* Where the MP3 frames of a file are. An MP3 has no signature, and FFmpeg's decoder makes some
 * noise of nearly any bytes: so whatever is to pass for one must consist of frames for the most
 * part. */
#pragma once

#include "lib/base/buffer.h"

#include <stdbool.h>

/* The part of file from its first frame to the end of its last one: tags before and after it, such
 * as ID3v2 with pictures, are left out. False when it is no MP3: layer III of MPEG 1, 2 or 2.5, at
 * least two frames of one rate in a row soon after the tags, and frames in at least half of the
 * bytes. */
MUST_CHECK bool mp3_frames_find(struct slice file, struct slice *ret_frames);
