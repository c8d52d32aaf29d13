/* SPDX-License-Identifier: MIT */
/* Pieces of SQL text that every store writes alike. */
#pragma once

/* A timestamptz as the contract shows times: RFC 3339, UTC, milliseconds, Z. column is a literal.
 */
#define PG_RFC3339(column)                                                                         \
    "to_char(" column " at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
