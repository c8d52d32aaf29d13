/* SPDX-License-Identifier: MIT */
/* What a file is to clients: by its first bytes, since a sound may have any name; else by its name.
 * Sources: RFC 6838 names as IANA lists them; the WHATWG's "MIME Sniffing" for the bytes. */
#pragma once

/* A constant. Reads from fd without moving it. */
const char *file_type(int fd, const char *path);
