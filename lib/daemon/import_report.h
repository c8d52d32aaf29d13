/* SPDX-License-Identifier: MIT */
/* What came of an import: how many rows of each table were read, added, there already, or skipped,
 * and why; and what was changed on the way. Of the remarks the first 100 are kept, the others
 * counted, so that a report stays short whatever it has to tell. */
#pragma once

#include "lib/base/macros.h"

#include <stdio.h>

struct import_report;

struct import_report *import_report_new(void);

/* Begins a table of the old database: what follows is about its rows. name is borrowed. */
void import_report_begin(struct import_report *report, const char *name);

/* The table that was begun is not there. */
void import_report_missing(struct import_report *report);

/* Remarks that a row is not taken over as it stands; before what came of it. row names it, in words
 * that may be shown on a terminal: no password, and a key only in part. */
void import_report_changed(struct import_report *report, const char *row, const char *what, ...)
    PRINTF_LIKE(3, 4);

/* What came of a row: one of these. One that was there already was not changed either, so what was
 * remarked on it is forgotten. */
void import_report_added(struct import_report *report);
void import_report_present(struct import_report *report);
void import_report_skipped(struct import_report *report, const char *row, const char *reason, ...)
    PRINTF_LIKE(3, 4);

void import_report_print(const struct import_report *report, FILE *out);

/* Takes NULL. */
void import_report_free(struct import_report *report);

AUTO_DEFINE(struct import_report *, import_report_free)
