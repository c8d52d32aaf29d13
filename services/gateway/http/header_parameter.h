/* SPDX-License-Identifier: MIT */
/* Parameters of a header field's value, as in `form-data; name="file"; filename=boom.mp3`.
 * Sources: RFC 9110, 5.6.6 (parameters); RFC 8187 (names that end in `*`). */
#pragma once

#include "lib/base/status.h"

#include <stddef.h>

/* Copies the first parameter of that name, case ignored, to out, NUL-terminated; quotes and
 * backslashes before quotes and backslashes are taken off, other backslashes stay, for they are in
 * the paths of Windows. STATUS_NOT_FOUND when there is none, STATUS_TOO_LARGE when it does not fit;
 * out is then "". */
MUST_CHECK enum status header_parameter(const char *value, const char *name, char *out,
                                        size_t size);

/* Decodes "UTF-8'ru'%D0%B1", in place, to the bytes after its second quote; leaves alone what is of
 * no such form. The character set is not looked at. "%00" is left as it stands. */
void header_parameter_decode(char *text);
