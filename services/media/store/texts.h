/* SPDX-License-Identifier: MIT */
/* Rows of one text each. */
#pragma once

#include "lib/api/call.h"
#include "lib/api/list.h"

/* The column of texts (const char *), in the call's arena. */
struct list texts_of(struct call *call, const PGresult *rows, const char *column);
